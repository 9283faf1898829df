"""Follows a table: an old element becomes a typed one and back. Must not know how either travels.

Both are judged by their own schema: an old one before it is read here, a typed one after it was made. So what is missing or wrong is
told there, by field and line, and this file only carries values over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from lxml import etree

from gateway.contract import Contract, ContractError
from gateway.contract.schema import ComplexType, Field
from gateway.errors import BAD_TIME
from gateway.legacy.table import Form, Known, Mapped, Row
from gateway.soap.faults import SoapFault, Violation

Source = Callable[[Known], str]
"""Gives what a typed message needs and an old one does not carry."""

_Children = dict[str, list[etree._Element]]

_WHOLE = 14
_HEAD = ("StreamingNo", "ResultCode", "ResultDesc")
_TIME_FORMS = ((14, "%Y%m%d%H%M%S"), (12, "%Y%m%d%H%M"), (8, "%Y%m%d"), (19, "%Y-%m-%d %H:%M:%S"), (10, "%Y-%m-%d"))
_WRITTEN = {Form.TIME: "%Y%m%d%H%M%S", Form.DAY: "%Y%m%d"}


def to_typed(rows: Iterable[Row], old: etree._Element, wanted: ComplexType, tag: str, source: Source) -> etree._Element:
    """Make the typed element `tag` of type `wanted`; raises SoapFault where a time is none."""
    return _typed(rows, _by_name(old), wanted, tag, source)


def _typed(rows: Iterable[Row], old: _Children, wanted: ComplexType, tag: str, source: Source) -> etree._Element:
    fields = {field.name: field for field in wanted.fields}
    found: dict[str, list[etree._Element]] = {}
    for row in rows:
        if row.new and (row.known is not None or not row.old or row.old in old or row.otherwise in old):
            found.setdefault(row.new, []).extend(_new(row, old, fields[row.new], source))
    made = etree.Element(tag)
    for name in fields:  # in the order of the contract, whatever that of the table
        if name in found:
            made.extend(found[name])
    return made


def _new(row: Row, old: _Children, field: Field, source: Source) -> Iterator[etree._Element]:
    tag = f"{{{field.namespace}}}{field.name}"
    if row.known is not None:
        yield _simple(tag, source(row.known) if isinstance(row.known, Known) else row.known)
    elif field.complex_type is not None:
        for held in [_by_name(child) for child in old[row.old]] if row.old else [old]:
            yield _typed(row.inner, held, field.complex_type, tag, source)
    else:
        for child in _said(row, old):
            text = (child.text or "").strip()
            if text or field.minimum:  # an old message writes what it does not say as an empty field
                yield _simple(tag, _value(row, text, child))


def _said(row: Row, old: _Children) -> list[etree._Element]:
    """Give the elements of a row; those of the other field where its own say nothing."""
    own = old.get(row.old, [])
    if row.otherwise and not any((child.text or "").strip() for child in own):
        return old.get(row.otherwise, [])
    return own


def _value(row: Row, text: str, child: etree._Element) -> str:
    written = _WRITTEN.get(row.form)
    if written is None or not text:
        return row.values.get(text, text)
    if row.form is Form.TIME and len(text) == _WHOLE:  # as typed ones are written: who uses it judges whether the day exists
        return text
    for length, form in _TIME_FORMS:
        if len(text) == length:
            try:
                return datetime.strptime(text, form).strftime(written)  # noqa: DTZ007  the wire's own zone on both sides
            except ValueError:
                break
    expected = "yyyyMMddHHmmss"
    place = Violation(row.old, row.old, child.sourceline or 1, f"应为 {expected}", f"expected {expected}")
    raise SoapFault(BAD_TIME, violations=[place])


def to_old(rows: Iterable[Row], typed: etree._Element, tag: str, namespace: str | None) -> etree._Element:
    """Make the old element `tag`, whose fields are of `namespace`, in the order of the table."""
    made = etree.Element(tag)
    made.extend(_old(rows, typed, namespace))
    return made


def _old(rows: Iterable[Row], typed: etree._Element, namespace: str | None) -> Iterator[etree._Element]:
    children = _by_name(typed)
    for row in rows:
        if row.says:
            yield _simple(_tag(namespace, row.old), row.says)
        if not row.new or row.known is not None:
            continue
        for child in children.get(row.new, ()):
            if not row.old:
                yield from _old(row.inner, child, namespace)
            elif row.inner:
                yield to_old(row.inner, child, _tag(namespace, row.old), namespace)
            else:
                text = child.text or ""
                back = next((old for old, new in row.values.items() if new == text), text)
                yield _simple(_tag(namespace, row.old), back)


def _by_name(parent: etree._Element) -> _Children:
    """Children by local name: the schema has judged namespaces before."""
    found: _Children = {}
    for child in parent:
        found.setdefault(str(child.tag).rpartition("}")[2], []).append(child)
    return found


def text_of(parent: etree._Element, name: str) -> str:
    """Give the text of the first child of a name, empty where there is none."""
    found = next((child for child in parent if str(child.tag).rpartition("}")[2] == name), None)
    return "" if found is None else (found.text or "").strip()


def _tag(namespace: str | None, name: str) -> str:
    return name if namespace is None else f"{{{namespace}}}{name}"


def _simple(tag: str, text: str) -> etree._Element:
    made = etree.Element(tag)
    made.text = text
    return made


# ---- does a table fit its contract -----------------------------------------------------------------------------------


def check(mapped: Mapped, contract: Contract) -> None:
    """Prove that a table names fields of the contract, and all that must be there; raises ContractError."""
    operation = contract.operations.get(mapped.typed)
    if operation is None:
        raise ContractError(contract.path, 1, f"{mapped.operation} stands for {mapped.typed}, which is not here")
    for element, rows, given in ((operation.request, mapped.ask, ()), (operation.response, mapped.tell, _HEAD)):
        problem = _misfit(rows, contract.schemas.element_type(element), frozenset(given), mapped.each)
        if problem:
            raise ContractError(contract.path, operation.line, f"the table of {mapped.operation} {problem}")


def _misfit(rows: tuple[Row, ...], wanted: ComplexType, given: frozenset[str], each: str) -> str:
    fields = {field.name: field for field in wanted.fields}
    for row in rows:
        if not row.new:
            continue
        field = fields.get(row.new)
        if field is None:
            return f"names {row.new}, which {wanted.name} has not"
        if (field.complex_type is not None) != bool(row.inner):
            return f"takes {row.new} for what it is not"
        inner = "" if field.complex_type is None else _misfit(row.inner, field.complex_type, frozenset(), each)
        if inner:
            return inner
    told = {row.new for row in rows} | given
    missing = next((name for name, field in fields.items() if field.minimum and name not in told), None)
    return f"does not say {missing} of {wanted.name}" if missing else ""
