"""Every role there is, by the name of the contract that it serves."""

from __future__ import annotations

from stubs.billing import Billing
from stubs.crm import Crm
from stubs.ismp import Ismp
from stubs.kit.role import Role
from stubs.ocs import Ocs
from stubs.portal import Portal
from stubs.ppm import Ppm
from stubs.provisioning import Provisioning
from stubs.smshall import SmsHall
from stubs.xplatform import XPlatform

ROLES: dict[str, type[Role]] = {
    role.name: role for role in (Ocs, Billing, Ismp, XPlatform, Portal, SmsHall, Crm, Provisioning, Ppm)
}
