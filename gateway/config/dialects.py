"""Settings of the field's old wire forms. Must not know what the forms are like."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from gateway.config.forms import FLAG, known
from gateway.domain.party import ISMP_SYSTEMS


class DialectName(StrEnum):
    """How a partner is spoken to."""

    TYPED = "typed"
    LEGACY = "legacy"
    ISMP_SP = "ismp-sp"
    ISMP_CRM = "ismp-crm"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyConfig:
    """The field's old wire forms, beside the typed contracts: see docs/legacy.md."""

    serve: Annotated[bool, FLAG] = False
    """Whether they are served, at `/VsopWeb/services/`; they lead to the same operations, and cost nothing where they are not."""
    ismp_system: Annotated[str, known("the system code of an ISMP: 203, 204 or 205", ISMP_SYSTEMS)] = "204"
    """Who speaks the ISMP dialects to us: their messages carry no SystemId."""
