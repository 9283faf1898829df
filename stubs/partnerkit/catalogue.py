"""All roles by name, with all their cases: the common ones first."""

from __future__ import annotations

from stubs.partnerkit.case import Case, Role
from stubs.partnerkit.common import COMMON
from stubs.partnerkit.roles.xplatform import XPLATFORM

ROLES: dict[str, Role] = {role.name: role for role in (XPLATFORM,)}


def cases_of(role: Role) -> list[Case]:
    """Give a role's cases in the order in which they are run."""
    return [*COMMON, *role.cases]
