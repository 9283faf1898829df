"""Codecs compiled from a contract: for each message one class, one decoder and one encoder, generated as Python source and run once.

A decoder reads an element that libxml2 has already validated, so it trusts order and presence. An encoder writes text and
refuses a missing required value. `Codec.source` holds the generated text; `vsopgw wsdl codec CONTRACT` prints it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lxml import etree

from gateway.contract.document import CONTRACT_FAULT, ROUTING, TYPES_NAMESPACE, Contract
from gateway.contract.schema import ComplexType, Field, Primitive

_NEEDS_ESCAPE = re.compile("[&<>\r]|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class EncodeError(ValueError):
    """A message of ours cannot be written: a required value is missing or has the wrong kind."""


class Message:
    """What every generated message class has: named fields, equality, a readable form."""

    __slots__ = ()
    field_names: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:  # the fields come from the contract, at start-up

        def __init__(self, **fields: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, n) == getattr(other, n) for n in self.field_names)

    __hash__ = None  # type: ignore[assignment]  # messages are mutable values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.field_names)})"

    def fingerprint(self, *leave_out: str) -> str:
        """Digest of the content, so that a repeated request can be told from another one under the same number."""
        kept = [value for name, value in zip(self.field_names, self._content(), strict=True) if name not in leave_out]
        return hashlib.blake2b(repr((type(self).__name__, kept)).encode(), digest_size=16).hexdigest()

    def _content(self) -> tuple[object, ...]:
        """Give the values as nested tuples and lists; each generated class has its own."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class MessageCodec:
    """One global element: its class, and how to read and write it."""

    element: str
    type: type[Message]
    decode: Callable[[etree._Element], Message]
    encode: Callable[[Message], str]


class Codec:
    """All message codecs of one contract, by element ({namespace}name) and, for building, by local name."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        wanted = {ROUTING, CONTRACT_FAULT}
        for operation in contract.operations.values():
            wanted.update((operation.request, operation.response, *operation.faults))
        generator = _Generator(contract)
        elements = sorted(element for element in wanted if element in contract.schemas.element_names)
        for element in elements:
            generator.add_element(element, contract.schemas.element_type(element))
        self.source = generator.source()
        self.namespaces = generator.prefixes
        scope: dict[str, Any] = {"Message": Message, "escape": escape, "truth": truth, "new": object.__new__}
        exec(compile(self.source, f"<codec of {contract.name}.wsdl>", "exec"), scope)  # noqa: S102  text is ours, from our own files
        self.by_element: dict[str, MessageCodec] = {}
        for element in elements:
            class_name = generator.class_of(contract.schemas.element_type(element))
            local = etree.QName(element).localname
            encode = _guarded(scope[f"write_{local}"], local)
            self.by_element[element] = MessageCodec(element, scope[class_name], scope[f"decode_{class_name}"], encode)
        self._classes: dict[str, type[Message]] = {name: scope[name] for name in generator.class_names}
        self._by_type: dict[int, tuple[ComplexType, type[Message]]] = {
            id(made): (made, scope[generator.class_of(made)]) for made in generator.types
        }

    def __getitem__(self, class_name: str) -> type[Message]:
        """Give a message class by its contract name: an operation's element or a type such as OfferInfo."""
        return self._classes[class_name]

    @property
    def message_classes(self) -> dict[str, type[Message]]:
        """All message classes by the name under which they are built."""
        return dict(self._classes)

    def complex_type(self, class_name: str) -> ComplexType | None:
        """Give the contract's type of a message class, None if there is no such class."""
        wanted = self._classes.get(class_name)
        return next((made for made, one in self._by_type.values() if one is wanted), None)

    def class_of(self, made: ComplexType) -> type[Message]:
        """Give the message class of a type of the contract."""
        return self._by_type[id(made)][1]

    def namespace_declarations(self) -> str:
        """xmlns attributes for every prefix that the encoders write."""
        return "".join(f' xmlns:{prefix}="{namespace}"' for namespace, prefix in self.namespaces.items())


def _guarded(write: Callable[[Message], str], name: str) -> Callable[[Message], str]:
    def encode(message: Message) -> str:
        try:
            return write(message)
        except (AttributeError, TypeError) as error:
            raise EncodeError(f"{name}: a required value is missing or has the wrong kind") from error

    return encode


def escape(text: str) -> str:
    """Make text safe inside an element; raises EncodeError for characters that XML cannot carry."""
    # isprintable() runs in C and is false for all that XML cannot carry; the expression below is for the rare rest.
    if text.isprintable() and "&" not in text and "<" not in text and ">" not in text:
        return text
    if _NEEDS_ESCAPE(text) is None:
        return text
    if _FORBIDDEN(text) is not None:
        raise EncodeError("a value holds a character that XML cannot carry")
    return text.translate(_ESCAPES)


def truth(value: bool) -> str:
    """Write a boolean; anything else, None above all, is refused."""
    if not isinstance(value, bool):
        raise TypeError("not a boolean")
    return "true" if value else "false"


class _Generator:
    """Writes the source text, types before their users."""

    def __init__(self, contract: Contract) -> None:
        self.prefixes = {contract.namespace: "m", TYPES_NAMESPACE: "t"}
        self._lines: list[str] = [f'"""Codec of {contract.name}.wsdl, generated at start-up."""']
        self._names: dict[int, str] = {}
        self.types: list[ComplexType] = []
        self.class_names: list[str] = []

    def class_of(self, made: ComplexType) -> str:
        return self._names[id(made)]

    def source(self) -> str:
        return "\n".join(self._lines) + "\n"

    def add_element(self, element: str, made: ComplexType) -> None:
        class_name = self._add_type(made)
        local = etree.QName(element).localname
        tag = f"{self._prefix(str(etree.QName(element).namespace))}:{local}"
        self._lines += [
            f"def write_{local}(o):",
            "    parts = []",
            f"    encode_{class_name}(o, parts.append)",
            f"    return '<{tag}>' + ''.join(parts) + '</{tag}>'",
            "",
        ]

    def _prefix(self, namespace: str) -> str:
        return self.prefixes.setdefault(namespace, f"n{len(self.prefixes)}")

    def _add_type(self, made: ComplexType) -> str:
        if id(made) in self._names:
            return self._names[id(made)]
        for field in made.fields:
            if field.complex_type is not None:
                self._add_type(field.complex_type)
        name = made.name
        while name in self.class_names:  # one name in two namespaces
            name += "_"
        self._names[id(made)] = name
        self.types.append(made)  # keeps id() unique while we generate
        self.class_names.append(name)
        self._class(name, made)
        self._decoder(name, made)
        self._encoder(name, made)
        return name

    def _class(self, name: str, made: ComplexType) -> None:
        slots = ", ".join(repr(f.name) for f in made.fields)
        arguments = ", ".join(
            f.name if f.minimum and not f.repeated else f"{f.name}={'()' if f.repeated else 'None'}"
            for f in made.fields
        )
        self._lines += [
            f"class {name}(Message):",
            f"    __slots__ = field_names = ({slots},)",
            f"    def __init__(self, *, {arguments}):",
            *(f"        self.{f.name} = {f'list({f.name})' if f.repeated else f.name}" for f in made.fields),
            "    def _content(self):",
            f"        return ({', '.join(_content(f) for f in made.fields)},)",
            "",
        ]

    def _decoder(self, name: str, made: ComplexType) -> None:
        lines = [f"def decode_{name}(e):", f"    o = new({name})", "    k = list(e)"]
        fixed = 0  # children up to the first optional or repeated one stand at a known index
        for field in made.fields:
            if field.repeated or not field.minimum:
                break
            lines.append(f"    o.{field.name} = {_read(field, f'k[{fixed}]', self._names)}")
            fixed += 1
        rest = made.fields[fixed:]
        if rest:
            lines += [f"    n = len(k); p = {fixed}"]
        for field in rest:
            tag = repr(f"{{{field.namespace}}}{field.name}")
            value = _read(field, "k[p]", self._names)
            if field.repeated:
                lines += [
                    "    v = []",
                    f"    while p < n and k[p].tag == {tag}:",
                    f"        v.append({value}); p += 1",
                    f"    o.{field.name} = v",
                ]
            elif field.minimum:
                lines += [f"    o.{field.name} = {value}; p += 1"]
            else:
                lines += [
                    f"    if p < n and k[p].tag == {tag}:",
                    f"        o.{field.name} = {value}; p += 1",
                    "    else:",
                    f"        o.{field.name} = None",
                ]
        self._lines += [*lines, "    return o", ""]

    def _encoder(self, name: str, made: ComplexType) -> None:
        lines = [f"def encode_{name}(o, w):"]
        run: list[str] = []  # required simple values in a row become one string

        def flush() -> None:
            if run:
                lines.append(f"    w(f'{''.join(run)}')")
                run.clear()

        for field in made.fields:
            tag = f"{self._prefix(field.namespace)}:{field.name}"
            inner = None if field.complex_type is None else self._names[id(field.complex_type)]
            if inner is None and field.minimum and not field.repeated:
                run.append(f"<{tag}>{{{_write(field, f'o.{field.name}')}}}</{tag}>")
                continue
            flush()
            body = (
                f"w('<{tag}>'); encode_{inner}(v, w); w('</{tag}>')"
                if inner
                else f"w(f'<{tag}>{{{_write(field, 'v')}}}</{tag}>')"
            )
            if field.repeated:
                if field.minimum:  # None has no length either
                    lines.append(f"    if not len(o.{field.name}): raise TypeError")
                lines += [f"    for v in o.{field.name}:", f"        {body}"]
            elif field.minimum:
                lines += [f"    v = o.{field.name}", f"    {body}"]
            else:
                lines += [f"    v = o.{field.name}", "    if v is not None:", f"        {body}"]
        flush()
        self._lines += [*lines, ""]


def _content(field: Field) -> str:
    own = f"self.{field.name}"
    if field.complex_type is None:
        return own
    if field.repeated:
        return f"[v._content() for v in {own}]"
    return f"{own} and {own}._content()"


def _read(field: Field, source: str, names: dict[int, str]) -> str:
    if field.complex_type is not None:
        return f"decode_{names[id(field.complex_type)]}({source})"
    if field.primitive is Primitive.WHOLE:
        return f"int({source}.text)"
    if field.primitive is Primitive.TRUTH:
        return f"({source}.text.strip() in ('1', 'true'))"
    return f"{source}.text or ''"


def _write(field: Field, source: str) -> str:
    if field.primitive is Primitive.WHOLE:
        return f"{source} + 0"  # refuses None and text
    if field.primitive is Primitive.TRUTH:
        return f"truth({source})"
    return f"escape({source})"
