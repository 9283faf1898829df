"""All roles by name, with all their cases: the common ones first."""

from __future__ import annotations

from stubs.partnerkit.case import Case, Role
from stubs.partnerkit.common import COMMON
from stubs.partnerkit.roles.crm import CRM
from stubs.partnerkit.roles.portal import PORTAL
from stubs.partnerkit.roles.ppm import PPM
from stubs.partnerkit.roles.provisioning import PROVISIONING
from stubs.partnerkit.roles.smshall import SMSHALL
from stubs.partnerkit.roles.xplatform import XPLATFORM

ROLES: dict[str, Role] = {role.name: role for role in (XPLATFORM, CRM, PPM, PROVISIONING, PORTAL, SMSHALL)}


def cases_of(role: Role) -> list[Case]:
    """Give a role's cases in the order in which they are run."""
    return [*COMMON, *role.cases]
