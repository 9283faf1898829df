"""Every optional field of a message filled: by a value that an example gives the same field, else its type, else by the schema's facets.

Must not invent what the examples know: a pattern that no example shows is an error that names the type.
"""

from __future__ import annotations

from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.schema import ComplexType, Field, Primitive

TEXT = "样例 / sample"


class Filling:
    """Values by field and type, learnt from messages of one contract."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._schemas = codec.contract.schemas
        self._by_name: dict[tuple[str, str], Any] = {}
        self._by_type: dict[str, Any] = {}

    def learn(self, message: Message, made: ComplexType) -> None:
        """Keep the first value that is seen of each field and type."""
        for field in made.fields:
            held = getattr(message, field.name)
            for value in held if field.repeated else [] if held is None else [held]:
                if field.complex_type is not None:
                    self.learn(value, field.complex_type)
                else:
                    self._by_name.setdefault((field.name, field.type_name), value)
                    self._by_type.setdefault(field.type_name, value)

    def fill(self, message: Message, made: ComplexType) -> None:
        """Give every field that is absent a value; what repeats stands once."""
        for field in made.fields:
            held = getattr(message, field.name)
            if held is None or held == []:
                setattr(message, field.name, [self._made(field)] if field.repeated else self._made(field))
            elif field.complex_type is not None:
                for value in held if field.repeated else [held]:
                    self.fill(value, field.complex_type)

    def _made(self, field: Field) -> Any:
        if field.complex_type is None:
            known = self._by_name.get((field.name, field.type_name), self._by_type.get(field.type_name))
            return self._from_facets(field) if known is None else known
        fields = {inner.name: self._inner(inner) for inner in field.complex_type.fields}
        return self._codec.class_of(field.complex_type)(**fields)

    def _inner(self, field: Field) -> Any:
        return [self._made(field)] if field.repeated else self._made(field)

    def _from_facets(self, field: Field) -> Any:
        facets = dict(reversed(self._schemas.facets(field.type_name)))  # the first of several values of one facet stays
        if field.primitive is Primitive.TRUTH:
            return True
        if "enumeration" in facets:
            return facets["enumeration"] if field.primitive is Primitive.TEXT else int(facets["enumeration"])
        if field.primitive is Primitive.WHOLE:
            return int(facets.get("minInclusive", 0))
        if "pattern" in facets:
            raise ValueError(f"no example shows a value of {field.type_name}, whose pattern is {facets['pattern']}")
        return TEXT[: int(facets.get("maxLength", len(TEXT)))]
