"""Messages as XML that people read: an element a line, the prefixes of wsdl/examples. Must not know where a message goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message, escape, truth
from gateway.contract.document import ROUTING, TYPES_NAMESPACE
from gateway.contract.schema import ComplexType, Field
from gateway.soap.faults import SOAP11


def envelope(codec: Codec, element: str, message: Message, routing: Message | None = None) -> str:
    """Write a whole SOAP 1.1 message, without the XML declaration; raises EncodeError for a character that XML cannot carry."""
    made = codec.contract.schemas.element_type(element)
    own = codec.contract.namespace
    header = _named(ROUTING, routing, codec.contract.schemas.element_type(ROUTING), own) if routing is not None else []
    body = _named(element, message, made, own)
    inner = [*_around("soapenv:Header", header), *_around("soapenv:Body", body)]
    shared = f' xmlns:t="{TYPES_NAMESPACE}"' if any("<t:" in line for line in inner) else ""
    opening = f'<soapenv:Envelope xmlns:soapenv="{SOAP11}" xmlns:c="{own}"{shared}>'
    return "\n".join([opening, *(f"  {line}" for line in inner), "</soapenv:Envelope>"]) + "\n"


def _around(tag: str, lines: list[str]) -> list[str]:
    return [f"<{tag}>", *(f"  {line}" for line in lines), f"</{tag}>"] if lines else []


def _named(element: str, message: Message, made: ComplexType, own: str) -> list[str]:
    namespace, _, local = element[1:].partition("}")
    return list(_element(_tag(namespace, local, own), message, made, own))


def _element(tag: str, message: Message, made: ComplexType, own: str) -> Iterator[str]:
    yield f"<{tag}>"
    for field in made.fields:
        held = getattr(message, field.name)
        for value in held if field.repeated else [] if held is None else [held]:
            for line in _field(field, value, own):
                yield f"  {line}"
    yield f"</{tag}>"


def _field(field: Field, value: Any, own: str) -> Iterator[str]:
    tag = _tag(field.namespace, field.name, own)
    if field.complex_type is not None:
        yield from _element(tag, value, field.complex_type, own)
        return
    text = truth(value) if isinstance(value, bool) else escape(str(value))
    yield f"<{tag}>{text}</{tag}>"


def _tag(namespace: str, local: str, own: str) -> str:
    return f"{'c' if namespace == own else 't'}:{local}"
