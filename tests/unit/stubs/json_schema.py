"""As much of JSON Schema as the documents of this project use: where a value breaks its schema, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_KINDS: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "description", "$ref", "minimum", "maximum", "oneOf",
    "default", "examples", "pattern",
}  # fmt: skip


def breaks(value: Any, schema: Any, document: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Give each place where a value is not as its schema says; a keyword that is not known here is told too."""
    if isinstance(schema, bool):
        if not schema:
            yield f"{at}: not in the schema"
        return
    yield from (f"{at}: the keyword {name} is not known to this test" for name in schema.keys() - _KNOWN)
    if "$ref" in schema:
        yield from breaks(value, referred(schema["$ref"], document), document, at)
        return
    kinds = schema.get("type", [*list(_KINDS), "number"])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        yield f"{at}: {value!r} is not of type {', '.join(kinds)}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "oneOf" in schema and sum(not list(breaks(value, one, document)) for one in schema["oneOf"]) != 1:
        yield f"{at}: {value!r} is not as exactly one of the schemas says"
    if isinstance(value, dict):
        yield from _in_object(value, schema, document, at)
    if isinstance(value, list):
        for count, item in enumerate(value):
            yield from breaks(item, schema.get("items", True), document, f"{at}/{count}")


def referred(reference: str, document: Mapping[str, Any]) -> Any:
    """Follow a local reference; a KeyError shows one that leads nowhere."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _in_object(value: dict[str, Any], schema: Any, document: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}/{name}: missing" for name in schema.get("required", ()) if name not in value)
    for name, item in value.items():
        of = schema.get("properties", {}).get(name, schema.get("additionalProperties", True))
        yield from breaks(item, of, document, f"{at}/{name}")


def _is(value: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        return isinstance(value, int if kind == "integer" else int | float) and not isinstance(value, bool)
    return isinstance(value, _KINDS[kind])
