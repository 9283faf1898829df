"""Every role there is, by its name, which is the last step of its address."""

from __future__ import annotations

from stubs.billing import Billing
from stubs.crm import Crm
from stubs.ismp import Ismp, IsmpB, IsmpM, IsmpW
from stubs.kit.role import Role
from stubs.ocs import Ocs
from stubs.portal import Portal
from stubs.ppm import Ppm
from stubs.provisioning import Provisioning
from stubs.smshall import SmsHall
from stubs.vsop import Vsop
from stubs.xplatform import XPlatform

ROLES: dict[str, type[Role]] = {
    role.name: role
    for role in (Ocs, Billing, Ismp, IsmpB, IsmpM, IsmpW, XPlatform, Portal, SmsHall, Crm, Provisioning, Ppm, Vsop)
}
