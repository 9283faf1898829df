"""Makes mappings of what was asked and answered: fields matched, StreamingNo echoed, repeats as a scenario; knows no sockets.

A request is matched on all its fields but StreamingNo and TimeStamp, which differ each time. The same request with another answer
becomes the next state of a scenario, as WireMock records it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from gateway.capture.masking import REMOVED, is_packed
from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.document import ROUTING, Operation
from gateway.soap.envelope import Envelope, parse_envelope
from gateway.soap.faults import SoapFault
from gateway.soap.xml_gate import XmlLimits
from stubs.kit.journal import as_dict
from stubs.mapping.model import STARTED
from stubs.mapping.paths import text_of
from stubs.mapping.reading import MappingMistakes, read_mapping

LIMITS = XmlLimits(tags=40_000)
"""An answer may list hundreds of relations."""
_EACH_TIME = ("StreamingNo", "TimeStamp")
_ECHO = "{{ request.StreamingNo }}"
_SYNTAX = re.compile(r"\{[{%#]")

Mask = Callable[[str], str]


class NotKept(ValueError):
    """An exchange makes no mapping; the text says why."""


class Recorder:
    """The mappings of one recording."""

    def __init__(self, role: str, codec: Codec, mask: Mask | None = None) -> None:
        self._role = role
        self._codec = codec
        self._mask = mask
        self._kept: dict[str, list[dict[str, Any]]] = {}

    @property
    def mappings(self) -> list[dict[str, Any]]:
        """What was recorded, as a file has it; answers to the same request are states of one scenario."""
        made: list[dict[str, Any]] = []
        for group, answers in enumerate(self._kept.values(), 1):
            for place, mapping in enumerate(answers):
                state = {} if len(answers) == 1 else _state(f"recorded-{group}", place, len(answers))
                number = f"{group}" if len(answers) == 1 else f"{group}-{place + 1}"
                made.append({"id": f"{self._role}-{number}", "name": f"{mapping['operation']} {number}", **mapping, **state})
        return made

    def note(self, request: bytes, charset: str | None, status: int, content_type: str, answer: bytes) -> bool:
        """Keep an exchange; says whether it is new. Raises NotKept where the request is not of the contract, or makes no mapping."""
        asked = self._read(request, charset, "the request is not SOAP")
        operation = self._codec.contract.by_request.get(str(asked.body.tag))
        if operation is None:
            raise NotKept(f"the contract has no operation {etree.QName(asked.body).localname[:80]}")
        if not self._codec.contract.validator.validate(asked.body):
            raise NotKept(f"{operation.name}: the request breaks the contract")
        number = str(self._codec.by_element[operation.request].decode(asked.body).StreamingNo)
        fields = as_dict(self._decode(operation.request, asked.body))
        mapping = {
            "role": self._role, "operation": operation.name, "request": {"fields": dict(_matchers(fields))},
            "response": self._response(operation, status, content_type, answer, number),
        }  # fmt: skip
        try:
            read_mapping(mapping, {self._role: self._codec}, "recorded")
        except MappingMistakes as wrong:  # what a mask has removed may be needed
            raise NotKept(f"{operation.name}: {wrong}") from None
        answers = self._kept.setdefault(json.dumps([operation.name, mapping["request"]], ensure_ascii=False), [])
        if answers and answers[-1] == mapping:
            return False
        answers.append(mapping)
        return True

    def _response(self, operation: Operation, status: int, content_type: str, answer: bytes, number: str) -> dict[str, Any]:
        """Give fields where the answer keeps the contract, else the whole of it as it was."""
        try:
            told = self._read(answer, _charset(content_type), "")
        except NotKept:
            return self._whole(status, content_type, answer.decode("utf-8", "replace"), number)
        if status == 200 and told.body.tag == operation.response and self._codec.contract.validator.validate(told.body):
            fields = as_dict(self._decode(operation.response, told.body))
            return {"fields": {name: _literal(value) for name, value in fields.items()} | {"StreamingNo": _ECHO}}
        kind = content_type.split(";", maxsplit=1)[0].strip() or "text/xml"
        text = etree.tostring(told.body.getroottree(), encoding="unicode")
        return self._whole(status, f"{kind}; charset=utf-8", text, number)

    def _whole(self, status: int, content_type: str, text: str, number: str) -> dict[str, Any]:
        if self._mask is not None:
            text = REMOVED if is_packed(text) else self._mask(text)
        body = _SYNTAX.sub(_shown, text)
        return {"status": status, "contentType": content_type, "body": body.replace(number, _ECHO) if number else body}

    def _read(self, data: bytes, charset: str | None, why: str) -> Envelope:
        try:
            return parse_envelope(data, charset, frozenset({ROUTING}), LIMITS)
        except SoapFault as fault:
            raise NotKept(f"{why}: {fault.text('en')}") from None

    def _decode(self, element: str, body: etree._Element) -> Message:
        """Read a valid message, masked where that is wanted: what is masked may break the contract, and is told then."""
        if self._mask is not None:
            text = self._mask(etree.tostring(body.getroottree(), encoding="unicode"))
            body = self._read(text.encode(), "utf-8", "the masked message").body
            if not self._codec.contract.validator.validate(body):
                raise NotKept(f"{etree.QName(body).localname}: masked, the message breaks the contract")
        return self._codec.by_element[element].decode(body)


def _matchers(fields: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Match every field, and that lists are no longer than they were."""
    found: list[tuple[str, dict[str, Any]]] = []

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{path}.{name}" if path else name)
        elif isinstance(value, list):
            for place, item in enumerate(value):
                walk(item, f"{path}[{place}]")
            found.append((f"{path}[{len(value)}]", {"absent": True}))
        else:
            found.append((path, {"equalTo": text_of(value)}))

    walk({name: value for name, value in fields.items() if name not in _EACH_TIME}, "")
    return found


def _literal(value: Any) -> Any:
    """Write a value so that it is no template."""
    if isinstance(value, dict):
        return {name: _literal(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return _SYNTAX.sub(_shown, value) if isinstance(value, str) and ("{{" in value or "{%" in value) else value


def _shown(found: re.Match[str]) -> str:
    return f"{{{{ '{found[0]}' }}}}"


def _state(scenario: str, place: int, count: int) -> dict[str, str]:
    here = STARTED if place == 0 else f"answer {place + 1}"
    later = {"newScenarioState": f"answer {place + 2}"} if place + 1 < count else {}
    return {"scenarioName": scenario, "requiredScenarioState": here, **later}


def _charset(content_type: str) -> str | None:
    """Give a Chinese charset, which nothing in the bytes tells; all others are seen."""
    named = content_type.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    return named if named.startswith("gb") else None
