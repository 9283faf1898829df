"""A request that comes to a role, on its way through the mappings: who answers it, when, and with what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import INTERNAL
from gateway.soap.endpoint import Exchange
from gateway.soap.faults import Side, SoapFault, Violation
from stubs.kit.errors import AnswerWrittenError
from stubs.kit.journal import Entry
from stubs.kit.times import Numbers
from stubs.kit.world import World
from stubs.mapping.bodies import Document, written_anew
from stubs.mapping.building import NoMessage
from stubs.mapping.mappings import Mappings
from stubs.mapping.model import Seen, StubMapping
from stubs.mapping.responses import make_answer
from stubs.mapping.templates import TemplateWrong


@dataclass(frozen=True, slots=True)
class ToldUser:
    """What a template may know of the request's user."""

    _world: World
    """Not for templates, as its name says to their sandbox: what they know of the world changes nothing."""
    number: str

    @property
    def balance(self) -> int:
        """In fen; 0 of a number that is not known."""
        user = self._world.subscriber(self.number)
        return 0 if user is None else user.balance

    @property
    def prepaid(self) -> bool:
        """Whether the user pays before."""
        return self._world.is_prepaid(self.number)

    @property
    def known(self) -> bool:
        """Whether the set has a user of this number."""
        return self._world.subscriber(self.number) is not None


@dataclass(frozen=True, slots=True)
class ToldNumbers:
    """Numbers that a template may give away."""

    _numbers: Numbers
    system: str

    def streaming(self) -> str:
        """Give a StreamingNo of the role."""
        return self._numbers.streaming(self.system)

    def order(self) -> str:
        """Give an OrderId of the role."""
        return self._numbers.order(self.system)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What answers are made from, besides the request."""

    world: World
    numbers: Numbers
    now: Callable[[], str]
    """Gives yyyyMMddHHmmss."""
    pause: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asking:
    """One request on its way to a mapping: the role that it came to, the journal's entry, and the message as it came."""

    role: str
    system: str
    codec: Codec
    request: Message
    entry: Entry
    exchange: Exchange
    number: str
    """Of the user that it is about."""

    def seen(self) -> Seen:
        """As matchers see it."""
        return Seen(self.role, self.entry.operation, self.entry.fields, self._document)

    def _document(self) -> Document:
        envelope = self.exchange.envelope
        if envelope is not None:
            return envelope.body.getroottree()
        element = self.codec.contract.operations[self.entry.operation].request
        return written_anew(self.codec, element, self.request)


async def mapped(mappings: Mappings, asking: Asking, around: Surroundings) -> Message | None:
    """Answer a request by the mapping that is for it, None if there is none; the journal's entry says which.

    Raises AnswerWrittenError with a whole envelope, SoapFault where the mapping makes no answer that the contract allows.
    """
    found = mappings.find(asking.seen())
    if found is None:
        return None
    mapping, state = found
    asking.entry.mapping = mapping.id
    if mapping.response.delay:
        await around.pause(mapping.response.delay)
    try:
        return _answer(mapping, state, asking, around)
    except AnswerWrittenError as written:
        asking.entry.answer = {"status": written.status, "body": written.body.decode()}
        raise
    except SoapFault as fault:
        asking.entry.answer = {"error": fault.text("en")}
        raise


def _answer(mapping: StubMapping, state: str, asking: Asking, around: Surroundings) -> Message:
    context = {
        "request": asking.entry.fields, "scenario": state, "trace": asking.entry.trace or "", "now": around.now(),
        "world": ToldUser(around.world, asking.number), "numbers": ToldNumbers(around.numbers, asking.system),
    }  # fmt: skip
    response = mapping.response
    try:
        if response.body is not None:
            raise AnswerWrittenError(response.status, response.content_type, response.body.render(context).encode())
        return make_answer(asking.codec, asking.entry.operation, response, context)
    except NoMessage as wrong:
        raise _unanswerable(mapping, wrong.field, wrong.zh, wrong.en) from None
    except TemplateWrong as wrong:
        raise _unanswerable(mapping, "body", "模板无法填充", wrong.reason) from None


def _unanswerable(mapping: StubMapping, field: str, zh: str, en: str) -> SoapFault:
    """Say which mapping, and which field of its answer: whoever reads it has written the mapping."""
    where = f"mapping {mapping.shown}" + (f" ({mapping.source})" if mapping.source else "")
    return SoapFault(INTERNAL, Side.RECEIVER, [Violation(field or "response", where, 1, zh, en)])
