"""Good messages made from a contract and the partner's test data: each one fresh, with what the contract demands and nothing more.

Must not know any operation by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.schema import ComplexType, Field, Primitive
from stubs.kit.times import Numbers, stamp
from stubs.partnerkit.case import Role
from stubs.partnerkit.data import TestData

_FIRST_VERSION = 1_600_000_000
"""Seconds of the epoch that are version 0 of a catalogue object: versions then grow from run to run and fit the contract for decades."""


class Samples:
    """Makes messages of one contract for one caller."""

    def __init__(
        self, codec: Codec, role: Role, data: TestData, numbers: Numbers, clock: Callable[[], float]
    ) -> None:
        """`clock` gives seconds of the epoch."""
        self.codec = codec
        self._role = role
        self._data = data
        self._numbers = numbers
        self._clock = clock
        self._versions = 0
        self._types: dict[str, ComplexType] = {}
        for operation in codec.contract.operations.values():
            for made in _within(codec.contract.schemas.element_type(operation.request)):
                self._types.setdefault(made.name, made)

    def stamp(self) -> str:
        """Give the present time as messages carry it."""
        return stamp(self._clock())

    def type_of(self, operation: str) -> ComplexType:
        """Give the type of an operation's request."""
        return self.codec.contract.schemas.element_type(self.codec.contract.operations[operation].request)

    def request(self, operation: str, **fields: Any) -> Message:
        """Make a good request. `fields` go before everything else; one that is not the request's own goes into its parts.

        None leaves an optional field out. A list of messages stands for parts that repeat; `part` makes them.
        """
        wanted = {**self._role.samples.get(operation, {}), **fields}
        made = self._make(self.type_of(operation), wanted)
        unknown = wanted.keys() - set(self._names(operation))
        if unknown:
            raise ValueError(f"{operation} has no field {', '.join(sorted(unknown))}")
        return made

    def part(self, type_name: str, **fields: Any) -> Message:
        """Make a part of a message by the name of its type, such as ServerActionProduct."""
        return self._make(self._types[type_name], fields)

    def _names(self, operation: str) -> Iterator[str]:
        for made in _within(self.type_of(operation)):
            yield from (each.name for each in made.fields)

    def _make(self, made: ComplexType, wanted: dict[str, Any]) -> Message:
        own = {each.name for each in made.fields}
        deeper = {name: value for name, value in wanted.items() if name not in own}
        values: dict[str, Any] = {}
        for each in made.fields:
            if each.name in wanted:
                value = wanted[each.name]
                if value is not None:
                    values[each.name] = value
            elif each.minimum or (each.complex_type is not None and deeper.keys() & _names_within(each.complex_type)):
                value = self._make(each.complex_type, deeper) if each.complex_type is not None else self._value(each)
                values[each.name] = [value] if each.repeated else value
        return self.codec.class_of(made)(**values)

    def _value(self, field: Field) -> Any:
        """Give a value of a simple field: of the test data by its meaning, else the first that the contract allows."""
        by_name = self._meant(field.name)
        if by_name is not None:
            return by_name
        facets = self.codec.contract.schemas.facets(field.type_name)
        listed = [value for facet, value in facets if facet == "enumeration"]
        if listed:
            return listed[0]
        match field.primitive:
            case Primitive.WHOLE:
                return int(dict(facets).get("minInclusive", "1"))
            case Primitive.TRUTH:
                return False
        return self._by_type(etree.QName(field.type_name).localname)

    def _meant(self, name: str) -> Any:
        data, caller = self._data, self._role.caller
        meant: dict[str, Callable[[], Any]] = {
            "StreamingNo": lambda: self._numbers.streaming(caller),
            "RefStreamingNo": lambda: self._numbers.streaming(data.system or caller),
            "TimeStamp": self.stamp,
            "SystemId": lambda: caller,
            "OrderId": lambda: self._numbers.order(caller),
            "OrigOrderId": lambda: self._numbers.order(caller),
            "ApplicationId": lambda: self._numbers.order(caller),
            "Version": self._version,
            "SPID": lambda: data.sp,
            "ProdSpecCode": lambda: data.spec,
            **dict.fromkeys(("ProductNo", "UserID", "OA", "DA", "FA"), lambda: data.number),
            **dict.fromkeys(("VProductID", "ProductID", "ObjectID", "RProductID"), lambda: data.product),
            **dict.fromkeys(("ProductOfferID", "PProductOfferID"), lambda: data.offer),
            "ExpDate": lambda: "20300101000000",
            **dict.fromkeys(("ProductHost", "PlatForm"), lambda: data.system or "303"),
            "ProvinceID": lambda: data.province,
            "PNameCN": lambda: "伙伴联调",
        }
        return meant[name]() if name in meant else None

    def _by_type(self, name: str) -> str:
        special: dict[str, Callable[[], str]] = {
            "TimeStamp14": self.stamp,
            "Day": lambda: self.stamp()[:8],
            "ResultCode": lambda: "0",
            "SystemId": lambda: self._role.caller,
            "RQCode": lambda: "1234",
            "CapabilityID": lambda: "1",
        }
        return special[name]() if name in special else "kit"

    def _version(self) -> int:
        self._versions += 1
        return int(self._clock()) - _FIRST_VERSION + self._versions


def _within(made: ComplexType) -> Iterator[ComplexType]:
    yield made
    for each in made.fields:
        if each.complex_type is not None:
            yield from _within(each.complex_type)


def _names_within(made: ComplexType) -> set[str]:
    return {each.name for inner in _within(made) for each in inner.fields}
