"""Reads how a mapping answers, holds it against the contract as far as can be known at load time, and makes the answer of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.schema import ComplexType, Field
from gateway.errors import OK, RESULTS
from stubs.mapping.building import NoMessage, build, check_names
from stubs.mapping.model import Response
from stubs.mapping.paths import nearest
from stubs.mapping.templates import ANY_ITEM, Each, TemplateWrong, Text, item_type, read_each, read_text

_KEYS = ("resultCode", "fields", "body", "status", "contentType", "fixedDelayMilliseconds")
LONGEST_DELAY = 600_000
"""Milliseconds: longer than any caller waits."""
_XML_TYPE = "text/xml; charset=utf-8"
_NUMBER = "20020260101120000000000001"
"""A StreamingNo to try an answer with that is the same for every request."""


class ResponseWrong(ValueError):
    """A written response is wrong; pairs of the keys within it, and what is wrong there."""

    def __init__(self, mistakes: list[tuple[tuple[str | int, ...], str]]) -> None:
        super().__init__(str(mistakes))
        self.mistakes = mistakes


def read_response(written: Mapping[str, Any], codec: Codec, operation: str) -> Response:
    """Read how an operation is answered; raises ResponseWrong."""
    return _Reader(codec, operation).response(written)


def make_answer(codec: Codec, operation: str, response: Response, context: Mapping[str, Any]) -> Message:
    """Make the typed answer; raises NoMessage or TemplateWrong."""
    assert response.values is not None
    element = codec.contract.operations[operation].response
    return build(codec, element, _rendered(response.values, context, ""))


class _Reader:
    def __init__(self, codec: Codec, operation: str) -> None:
        described = codec.contract.operations[operation]
        schemas = codec.contract.schemas
        self._codec, self._element = codec, described.response
        self._request, self._answer = schemas.element_type(described.request), schemas.element_type(described.response)
        self._mistakes: list[tuple[tuple[str | int, ...], str]] = []
        self._templates = False

    def response(self, written: Mapping[str, Any]) -> Response:
        for name in written:
            if name not in _KEYS:
                self._wrong((name,), f"unknown{nearest(name, _KEYS)}")
        delay = self._whole(written, "fixedDelayMilliseconds", 0, 0, LONGEST_DELAY)
        status = self._whole(written, "status", 200, 100, 599)
        content_type = written.get("contentType", _XML_TYPE)
        if not isinstance(content_type, str) or not content_type.isascii() or not content_type.isprintable():
            self._wrong(("contentType",), "expected a media type")
        body, values = None, None
        if "body" in written:
            body = self._body(written)
        else:
            values = self._values(written)
        if self._mistakes:
            raise ResponseWrong(self._mistakes)
        return Response(values, body, status, str(content_type), delay / 1000)

    def _body(self, written: Mapping[str, Any]) -> Text | None:
        for name in ("resultCode", "fields"):
            if name in written:
                self._wrong((name,), "stands beside body, which is the whole answer")
        if not isinstance(written["body"], str):
            self._wrong(("body",), "expected a text: the whole envelope")
            return None
        return self._text(written["body"], ("body",), None, xml=True)

    def _values(self, written: Mapping[str, Any]) -> dict[str, Any]:
        for name in ("status", "contentType"):
            if name in written:
                self._wrong((name,), "belongs to body; an answer of fields is sent as the contract says")
        fields = written.get("fields", {})
        if not isinstance(fields, Mapping):
            self._wrong(("fields",), "expected a table")
            return {}
        before = len(self._mistakes)
        values = {**self._usual(written, fields), **self._table(fields, self._answer, ("fields",), None)}
        for field in self._answer.fields:
            if field.minimum and field.name not in values:
                self._wrong(("fields",), f"{field.name} is missing: the contract wants it in every answer")
        if len(self._mistakes) == before and not self._templates:
            self._try(values)
        return values

    def _usual(self, written: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        """Give what every answer has: the request's StreamingNo, and a code with its text."""
        there = {field.name for field in self._answer.fields}
        code = written.get("resultCode", fields.get("ResultCode", OK.code))
        text = str(code)
        result = RESULTS.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else None
        if "resultCode" in written and (isinstance(code, bool) or not isinstance(code, int | str)):
            self._wrong(("resultCode",), "expected a code")
        elif result is None and "ResultDesc" not in fields and "ResultDesc" in there:
            key = ("resultCode",) if "resultCode" in written else ("fields", "ResultCode")
            self._wrong(key, "not in the table of codes (docs/errors.md): give ResultDesc in fields")
        described = "" if result is None else result.describe()
        usual = {"StreamingNo": Text(_NUMBER, _STREAMING_NO), "ResultCode": text, "ResultDesc": described}
        return {name: value for name, value in usual.items() if name in there}

    def _table(self, written: Mapping[str, Any], made: ComplexType, at: tuple[str | int, ...], item: ComplexType | None) -> dict[str, Any]:
        try:
            check_names(made, written)
        except NoMessage as wrong:
            self._wrong((*at, wrong.field), wrong.en)
            return {}
        fields = {field.name: field for field in made.fields}
        return {name: self._value(value, fields[name], (*at, name), item) for name, value in written.items()}

    def _value(self, written: Any, field: Field, at: tuple[str | int, ...], item: ComplexType | None) -> Any:
        if isinstance(written, Mapping) and "forEach" in written and field.repeated:
            return self._each(written, field, at)
        if isinstance(written, Mapping):
            if field.complex_type is not None:
                return self._table(written, field.complex_type, at, item)
            self._wrong(at, "expected text here")
        if isinstance(written, list):
            return [self._value(one, field, (*at, place), item) for place, one in enumerate(written)]
        if isinstance(written, float) or not isinstance(written, str | int | bool | Mapping):
            self._wrong(at, "expected a text, a whole number, true or false")
        if isinstance(written, str) and ("{{" in written or "{%" in written):
            self._templates = True
            return self._text(written, at, item)
        return written

    def _each(self, written: Mapping[str, Any], field: Field, at: tuple[str | int, ...]) -> Each | None:
        self._templates = True
        source = written["forEach"]
        if not isinstance(source, str) or written.keys() != {"forEach", "item"}:
            self._wrong(at, "expected forEach, an expression such as request.VProductInfo, and item")
            return None
        try:
            item = item_type(source, self._request) or ANY_ITEM
            once = Field(field.name, field.namespace, 1, 1, field.primitive, field.complex_type)
            return read_each(source, self._value(written["item"], once, (*at, "item"), item), self._request)
        except TemplateWrong as wrong:
            self._wrong((*at, "forEach"), wrong.reason)
            return None

    def _text(self, source: str, at: tuple[str | int, ...], item: ComplexType | None, *, xml: bool = False) -> Text | None:
        try:
            return read_text(source, self._request, item, xml=xml)
        except TemplateWrong as wrong:
            place = f"line {wrong.line} of the template: " if "\n" in source else ""
            self._wrong(at, f"{place}{wrong.reason}")
            return None

    def _try(self, values: dict[str, Any]) -> None:
        """Make an answer that holds no template: it is wrong now, or never."""
        trial = {name: _NUMBER if isinstance(value, Text) else value for name, value in values.items()}
        try:
            build(self._codec, self._element, trial)
        except NoMessage as wrong:
            self._wrong(("fields", *wrong.field.split(".")), wrong.en)

    def _whole(self, written: Mapping[str, Any], name: str, usual: int, least: int, most: int) -> int:
        value = written.get(name, usual)
        if type(value) is not int or not least <= value <= most:
            self._wrong((name,), f"expected a number from {least} to {most}")
            return usual
        return value

    def _wrong(self, keys: tuple[str | int, ...], reason: str) -> None:
        self._mistakes.append((keys, reason))


def _rendered(value: Any, context: Mapping[str, Any], path: str) -> Any:
    """Carry out the templates; raises NoMessage that names the field whose template makes nothing."""
    try:
        if isinstance(value, Text):
            return value.render(context)
        if isinstance(value, Each):
            return [
                _rendered(value.item, {**context, "item": one}, f"{path}[{place}]")
                for place, one in enumerate(value.items(context))
            ]
    except TemplateWrong as wrong:
        raise NoMessage(path, "模板无法填充", wrong.reason) from None
    if isinstance(value, Mapping):
        return {name: _rendered(one, context, f"{path}.{name}" if path else name) for name, one in value.items()}
    if isinstance(value, list):
        return [_rendered(one, context, f"{path}[{place}]") for place, one in enumerate(value)]
    return value


_STREAMING_NO = read_text("{{ request.StreamingNo }}", ComplexType("request", "", [Field("StreamingNo", "", 1, 1, None, None)])).template
