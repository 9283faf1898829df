"""Plain values to a typed message of the contract, and what is wrong with those that make none; knows no template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.schema import ComplexType, Field, Primitive
from gateway.soap.faults import SoapFault
from gateway.soap.protocol import judge_written
from stubs.mapping.paths import nearest


class NoMessage(ValueError):
    """Values make no message that the contract allows; `field` is the path of the one that is wrong, `zh` and `en` what was expected."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(f"{field}: {en}" if field else en)
        self.field, self.zh, self.en = field, zh, en


def build(codec: Codec, element: str, values: Mapping[str, Any]) -> Message:
    """Make the message of an element, in full accord with the contract; raises NoMessage."""
    message = assemble(codec, codec.contract.schemas.element_type(element), values)
    try:
        judge_written(codec, element, message)
    except SoapFault as fault:
        if not fault.violations:
            raise NoMessage("", "报文无法写出", "the message cannot be written") from None
        first = fault.violations[0]
        raise NoMessage(first.path.partition("/")[2].replace("/", ".") or first.field, first.zh, first.en) from None
    return message


def assemble(codec: Codec, made: ComplexType, values: Mapping[str, Any], path: str = "") -> Message:
    """Make a message whose fields are those of its type, of the right kind; facets are not looked at. Raises NoMessage."""
    check_names(made, values, path)
    fields = {}
    for field in made.fields:
        value = values.get(field.name)
        place = f"{path}{field.name}"
        if value is None or (field.repeated and value == []):
            if field.minimum:
                raise NoMessage(place, "缺少", "missing")
            continue
        fields[field.name] = _values(codec, field, value, place)
    return codec.class_of(made)(**fields)


def check_names(made: ComplexType, values: Mapping[str, Any], path: str = "") -> None:
    """Refuse names that the type does not have; raises NoMessage."""
    known = [field.name for field in made.fields]
    for name in values:
        if name not in known:
            raise NoMessage(f"{path}{name}", "契约没有此字段", f"{made.name} has no such field{nearest(name, known)}")


def _values(codec: Codec, field: Field, value: object, path: str) -> object:
    if not field.repeated:
        return _value(codec, field, value, path)
    if not isinstance(value, list):
        raise NoMessage(path, "应为列表", "expected a list")
    return [_value(codec, field, item, f"{path}[{place}]") for place, item in enumerate(value)]


def _value(codec: Codec, field: Field, value: object, path: str) -> object:
    if field.complex_type is not None:
        if not isinstance(value, Mapping):
            raise NoMessage(path, "此处应为字段", "expected fields here")
        return assemble(codec, field.complex_type, value, f"{path}.")
    if isinstance(value, Mapping | list):
        raise NoMessage(path, "此处应为文本", "expected text here")
    return _simple(field.primitive, value, path)


def _simple(primitive: Primitive | None, value: object, path: str) -> object:
    """Take a value of the right kind, or a text that stands for one: templates make texts."""
    if primitive is Primitive.TRUTH:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise NoMessage(path, "应为true或false", "expected true or false")
    if primitive is Primitive.WHOLE:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        text = str(value).strip()
        if text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 19:
            return int(text)
        raise NoMessage(path, "应为整数", "expected a whole number")
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
