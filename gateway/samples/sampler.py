"""Samples of a contract's operations: the structure is the contract's, the values are those of wsdl/examples, numbers and times are fresh.

wsdl/examples is the one place where the domain's values for a message stand (decision 0039): users, products and partners of the lab.
Must not know the clock, or who sends a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.contract import Codec, Operation
from gateway.contract.codec import Message
from gateway.contract.document import ROUTING, TYPES_NAMESPACE
from gateway.contract.schema import ComplexType, Field
from gateway.samples.filling import Filling
from gateway.samples.interfaces import GROUP_ADDRESS, Interface, interfaces
from gateway.samples.numbering import Moved, Numbering
from gateway.samples.stories import FILES_NEW, STORIES, Story
from gateway.soap.envelope import Envelope, parse_envelope

_STREAMING_NO, _ORDER_ID, _TIME, _DAY = (f"{{{TYPES_NAMESPACE}}}{name}" for name in ("StreamingNo", "OrderId", "TimeStamp14", "Day"))


class NoSample(Exception):
    """There is no sample of that name, or a value cannot be put where it was asked for; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A request and its answer, ready to be written in any form."""

    codec: Codec
    operation: Operation
    request: Message
    answer: Message
    routing: Message | None
    """The header block of messages between the tiers."""
    url: str
    """Where the lab serves it, unless another address was asked for."""

    @property
    def name(self) -> str:
        """As contract.operation."""
        return f"{self.codec.contract.name}.{self.operation.name}"

    @property
    def story(self) -> Story:
        """What must have happened before it."""
        return STORIES.get(self.name, Story())


class Sampler:
    """Samples of one contract; give several the same `numbering` to keep their stories joined."""

    def __init__(self, codec: Codec, numbering: Numbering, *, base_url: str | None = None) -> None:
        """`base_url`, such as http://127.0.0.1:8080/services/vsop, replaces the lab's address."""
        self._codec = codec
        self._numbering = numbering
        self._url = base_url
        self._examples = codec.contract.path.parent / "examples" / codec.contract.name
        self._interfaces = interfaces(codec.contract.path.parent)
        self._filling: Filling | None = None

    @property
    def operations(self) -> tuple[str, ...]:
        """All that there are samples of."""
        return tuple(self._codec.contract.operations)

    def sample(self, operation: str, *, whole: bool = False) -> Sample:
        """Give the sample of an operation; `whole` has every field that the contract knows, once. Raises NoSample."""
        described = self._codec.contract.operations.get(operation)
        if described is None:
            raise NoSample(f"{self._codec.contract.name} has no operation {operation}; there are {', '.join(self.operations)}")
        asked, told = self._example(operation), self._example(f"{operation}Response")
        request, answer = self._message(described.request, asked), self._message(described.response, told)
        if whole:
            filling = self._values()
            filling.fill(request, self._type(described.request))
            filling.fill(answer, self._type(described.response))
        moved = Moved(request.TimeStamp, self._numbering.now)
        routing = self._routing(asked)
        for message, element in ((request, described.request), (answer, described.response), (routing, ROUTING)):
            if message is not None:
                self._freshen(message, self._type(element), moved)
        self._file_new(request, operation)
        return Sample(self._codec, described, request, answer, routing, self._address(operation))

    def _type(self, element: str) -> ComplexType:
        return self._codec.contract.schemas.element_type(element)

    def _example(self, name: str) -> Envelope:
        path = self._examples / f"{name}.xml"
        if not path.is_file():
            raise NoSample(f"{path.name} is not among the examples of {self._codec.contract.name}")
        return parse_envelope(path.read_bytes(), None, frozenset({ROUTING}))

    def _message(self, element: str, envelope: Envelope) -> Message:
        return self._codec.by_element[element].decode(envelope.body)

    def _routing(self, envelope: Envelope) -> Message | None:
        block = envelope.headers.get(ROUTING)
        return None if block is None else self._codec.by_element[ROUTING].decode(block)

    def _address(self, operation: str) -> str:
        if self._url is not None:
            return self._url
        row: Interface | None = self._interfaces.get((self._codec.contract.name, operation))
        at_group = row is not None and row.at_group
        return f"{GROUP_ADDRESS}{self._codec.contract.name}" if at_group else self._codec.contract.address

    def _values(self) -> Filling:
        if self._filling is None:
            self._filling = Filling(self._codec)
            for operation in self._codec.contract.operations.values():
                for element, name in ((operation.request, operation.name), (operation.response, f"{operation.name}Response")):
                    self._filling.learn(self._message(element, self._example(name)), self._type(element))
        return self._filling

    def _file_new(self, request: Message, operation: str) -> None:
        place = FILES_NEW.get(f"{self._codec.contract.name}.{operation}")
        if place is not None:
            outer, own = place
            filed = getattr(request, outer)
            setattr(filed, own, self._numbering.object_id(getattr(filed, own)))

    def _freshen(self, message: Message, made: ComplexType, moved: Moved) -> None:
        for field in made.fields:
            held = getattr(message, field.name)
            if held is None:
                continue
            fresh = [self._fresh(field, value, moved) for value in held] if field.repeated else self._fresh(field, held, moved)
            setattr(message, field.name, fresh)

    def _fresh(self, field: Field, value: Any, moved: Moved) -> Any:
        if field.complex_type is not None:
            self._freshen(value, field.complex_type, moved)
            return value
        if field.type_name == _STREAMING_NO:
            return self._numbering.streaming_no(value)
        if field.type_name == _ORDER_ID:
            return self._numbering.order_id(value)
        if field.type_name == _TIME:
            return moved.time(value)
        return moved.day(value) if field.type_name == _DAY else value


def sample_request(codec: Codec, operation: str, now: datetime, serial: int | None = None, **changes: Any) -> Message:
    """Give a request of an operation under fresh numbers; `changes` replace fields of it by name. Raises NoSample."""
    request = Sampler(codec, Numbering(now, serial)).sample(operation).request
    for name, value in changes.items():
        if name not in request.field_names:
            raise NoSample(f"{operation} has no field {name}; there are {', '.join(request.field_names)}")
        setattr(request, name, value)
    return request


def read_contract_names(contracts: Path) -> list[str]:
    """List the contracts of a directory by name."""
    return sorted(path.stem for path in contracts.glob("*.wsdl") if not path.stem.endswith(".soap12"))
