"""From an exchange as it passed to what is written of it: chosen, masked, described."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.capture.describing import contract_of, describe
from gateway.capture.masking import REMOVED, Masking, is_packed, to_text
from gateway.capture.record import Record, Said
from gateway.capture.writer import Taken

PLAIN_TYPES: Final = 200
"""Characters of a media type or action that are kept: they are the sender's own words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which exchanges are written; all where nothing is named. `partners` are SystemIds of callers or names of those called."""

    contracts: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """Subscribers as they are, not as they are masked."""


class Recorder:
    """Makes records. Without masking everything is written as it is."""

    def __init__(self, choice: Choice, masking: Masking | None, names: Mapping[str, str]) -> None:
        """`names` gives the contract for a word of a path."""
        self._choice = choice
        self._masking = masking
        self._names = names

    def __call__(self, taken: Taken) -> Record | None:
        """Give the record of an exchange, None for what is not chosen."""
        choice = self._choice
        contract = contract_of(taken.path, self._names)
        if choice.contracts and contract not in choice.contracts:
            return None
        if choice.numbers and not any(number.encode() in taken.request or number.encode() in taken.answer for number in choice.numbers):
            return None
        request, text = self._said(taken.request, taken.request_type, taken.action)
        found = describe(text)
        partner = taken.partner or found.system
        if choice.partners and partner not in choice.partners:
            return None
        answer = self._said(taken.answer, taken.answer_type, "")[0] if taken.status else None
        return Record(
            at=taken.at.isoformat(timespec="milliseconds"), dir=taken.direction, path=taken.path, request=request, partner=partner,
            contract=contract, operation=found.operation, status=taken.status, answer=answer, error=taken.error, ms=round(taken.ms, 2),
            streaming_no=found.streaming_no, order=found.order, trace=found.trace, number=found.number,
        )  # fmt: skip

    def _said(self, body: bytes, content_type: str, action: str) -> tuple[Said, str]:
        """Give what is written of a body, and its text."""
        mask = (lambda text: text) if self._masking is None else self._masking.text
        kind, action = mask(content_type[:PLAIN_TYPES]), mask(action[:PLAIN_TYPES])
        read = to_text(body, content_type)
        if read is None:  # no text of its charset: masked byte by byte all the same
            text = body.decode("latin-1")
            if self._masking is not None and is_packed(text):  # compressed, or of two bytes a character
                return Said(type=kind, text=REMOVED, action=action), ""
            text = mask(text)
            return Said(type=kind, base64=b64encode(text.encode("latin-1")).decode(), action=action), text
        text = mask(read[0])
        return Said(type=kind, text=text, charset=read[1], action=action), text
