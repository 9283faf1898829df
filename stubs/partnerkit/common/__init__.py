"""Cases that every role must pass, by what they are about: they are made from the role's contract, and know no operation by name."""

from __future__ import annotations

from stubs.partnerkit.common.answers import ANSWERS
from stubs.partnerkit.common.limits import LIMITS
from stubs.partnerkit.common.refusals import REFUSALS
from stubs.partnerkit.common.repeats import REPEATS
from stubs.partnerkit.common.soap import SOAP
from stubs.partnerkit.common.texts import TEXTS

COMMON = (*ANSWERS, *REPEATS, *REFUSALS, *TEXTS, *SOAP, *LIMITS)
