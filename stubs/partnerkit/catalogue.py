"""All roles by name, with all their cases: the common ones first."""

from __future__ import annotations

from stubs.partnerkit.case import Case, Role
from stubs.partnerkit.common import COMMON
from stubs.partnerkit.roles.billing import BILLING
from stubs.partnerkit.roles.crm import CRM
from stubs.partnerkit.roles.ismp import ISMP
from stubs.partnerkit.roles.ismp_sp import ISMP_SP
from stubs.partnerkit.roles.ocs import OCS
from stubs.partnerkit.roles.portal import PORTAL
from stubs.partnerkit.roles.ppm import PPM
from stubs.partnerkit.roles.provisioning import PROVISIONING
from stubs.partnerkit.roles.smshall import SMSHALL
from stubs.partnerkit.roles.vsop_group import VSOP_GROUP
from stubs.partnerkit.roles.vsop_provincial import VSOP_PROVINCIAL
from stubs.partnerkit.roles.xplatform import XPLATFORM

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        ISMP, ISMP_SP, XPLATFORM, OCS, PPM, CRM, PROVISIONING, PORTAL, SMSHALL, BILLING, VSOP_PROVINCIAL, VSOP_GROUP,
    )
}  # fmt: skip


def cases_of(role: Role) -> list[Case]:
    """Give a role's cases in the order in which they are run."""
    return [*(COMMON if role.common is None else role.common), *role.cases]
