"""One served contract: a Spyne Application made from the portType, with a handler method for each operation.

Bytes in, status and bytes out; no sockets. A handler is an object with one coroutine per operation, named as in the contract;
a missing one stops start-up with its name.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import spyne.const
from spyne import Application, ServiceBase, rpc
from spyne.model.complex import ComplexModel, ComplexModelMeta
from spyne.model.primitive import Boolean, Integer, Unicode
from spyne.server import ServerBase
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from gateway.contract import Codec, Contract, ContractError
from gateway.contract.codec import Message
from gateway.contract.document import CONTRACT_FAULT
from gateway.contract.schema import ComplexType, Field, Primitive
from gateway.errors import INTERNAL
from gateway.soap.context import RequestContext
from gateway.soap.envelope import Envelope
from gateway.soap.faults import Side, SoapFault, Version, fault_envelope, http_status
from gateway.soap.guard import Guard
from gateway.soap.protocol import ContractSoap
from gateway.soap.xml_gate import XmlLimits
from gateway.tally import Heard

if TYPE_CHECKING:
    from gateway.soap.http_message import Line

# Spyne runs a full garbage collection when it closes a context, up to once a second: a pause for every order under way.
spyne.const.MIN_GC_INTERVAL = float("inf")

# Spyne warns when a process serves a contract twice, as a lab of several provinces does; errors are told all the same.
logging.getLogger("spyne").setLevel(logging.CRITICAL)

_log = Logger("gateway.soap")


@dataclass(slots=True)
class Exchange:
    """What a handler may know of the message it answers, besides the message.

    `secure`: it came over TLS. `certificate`: what the client's certificate names him, where TLS has verified one, each with its
    kind: `sha256:` and the fingerprint in small hex, `cn:` and the common name, `dns:` and an alternative name. `caller` is the
    partner that sent it, as the guard found; empty where there is no guard.
    """

    peer: str
    action: str
    version: Version = Version.V11
    spoken: Version | None = None
    """The version that the media type names, where one is known."""
    operation: str = ""
    contract: str = ""
    """That the guard has judged it by."""
    routing: Message | None = None
    secure: bool = False
    certificate: tuple[str, ...] = ()
    caller: str = ""
    line: Line | None = None
    """The connection that it came on."""
    marks: Sequence[tuple[str, float]] = ()
    """The guard's own: what stands for the sender's credentials, and when they end."""
    envelope: Envelope | None = None
    """The message as it came, where an endpoint keeps it for its handler."""
    system: str = ""
    """The SystemId in it, once it is read."""
    began: float = 0.0
    """When it came, by the clock that counts calls."""


@dataclass(frozen=True, slots=True)
class SoapAnswer:
    """HTTP status, content type and body of an answer; `retry_after` in seconds, 0 where nothing is said of it."""

    status: int
    content_type: str
    body: bytes
    retry_after: int = 0


Handler = Callable[[Message, Exchange], Awaitable[Message]]


class Endpoint(ServerBase):  # type: ignore[misc]  # Spyne has no types
    """A contract and its handler, ready to answer requests in SOAP 1.1 and 1.2."""

    transport = "http://schemas.xmlsoap.org/soap/http"

    def __init__(
        self, codec: Codec, handler: object, *, reference: Callable[[], str], check_answers: bool = False
    ) -> None:
        self.codec = codec
        self.contract = codec.contract
        self.serves = codec.contract.name.partition(".")[0]
        """The contract's name without the version of an older one."""
        self.older: tuple[Endpoint, ...] = ()
        """Older versions of the contract, which are served at the same address."""
        self._older: dict[str, Endpoint] = {}
        self.presented: Callable[[str, Message], Message] = lambda _, message: message
        """Gives a message of an operation as the present contract has it: that is what the sender is judged by."""
        self._reference = reference
        self._heard: Heard | None = None
        if CONTRACT_FAULT not in codec.by_element:
            raise ContractError(
                self.contract.path, 1, "no operation declares the fault ContractFault: a refusal could not be told"
            )
        service = _service(self.contract, handler)
        reads, writes = (ContractSoap(codec, check_answers=check_answers) for _ in range(2))  # Spyne wants one each
        super().__init__(
            Application(
                [service], tns=self.contract.namespace, name=self.contract.name, in_protocol=reads, out_protocol=writes
            )
        )

    def limited(self, limits: XmlLimits) -> Endpoint:
        """Hold messages to limits from now on. Gives itself."""
        self.app.in_protocol.limits = limits
        return self

    def guarded(self, guard: Guard | None) -> Endpoint:
        """Have a guard judge all messages from now on; None lets everybody in. Gives itself."""
        self.app.in_protocol.guard = guard
        for endpoint in self.older:
            endpoint.guarded(guard)
        return self

    def counted(self, heard: Heard) -> Endpoint:
        """Count all messages from now on. Gives itself."""
        self._heard = heard
        for endpoint in self.older:
            endpoint.counted(heard)
        return self

    def beside(self, older: Iterable[Endpoint]) -> Endpoint:
        """Serve older versions of the contract too, known by the element in the Body. Gives itself."""
        self.older = tuple(older)
        self._older = {element: endpoint for endpoint in self.older for element in endpoint.contract.by_request}
        return self

    def answer(
        self,
        body: bytes,
        *,
        charset: str | None,
        action: str,
        peer: str,
        secure: bool = False,
        certificate: tuple[str, ...] = (),
        line: Line | None = None,
        spoken: Version | None = None,
    ) -> SoapAnswer | Deferred[SoapAnswer]:
        """Answer one message; at once if the handler does, else when it has.

        `spoken` is the version of its media type: what is no envelope is told in it.
        """
        ctx = RequestContext(self)
        ctx.udc = Exchange(
            peer=peer, action=action, version=spoken or Version.V11, spoken=spoken, secure=secure, certificate=certificate,
            line=line, began=0.0 if self._heard is None else self._heard.calls.seconds(),
        )
        ctx.in_string = [body]
        try:
            self.app.in_protocol.create_in_document(ctx, charset)
        except SoapFault as fault:
            return self._refuse(ctx, fault)
        older = self._older.get(ctx.in_document.body.tag) if self._older else None
        if older is None:
            return self._take(ctx)
        other = RequestContext(older)
        other.udc, other.in_document = ctx.udc, ctx.in_document
        ctx.release()
        return older._take(other)

    def _take(self, ctx: Any) -> SoapAnswer | Deferred[SoapAnswer]:
        """Go on with a message that is parsed."""
        protocol, admitted = self.app.in_protocol, None
        guard: Guard | None = protocol.guard
        try:
            protocol.decompose_incoming_envelope(ctx)
            if guard is not None:  # before the schema: a stranger is to cost little
                guard.admit(ctx.in_document, ctx.udc, self.serves)
            protocol.validate_body(ctx)
            (ctx, *_) = protocol.generate_method_contexts(ctx)
            protocol.deserialize(ctx, protocol.REQUEST)
            if self._heard is not None:
                ctx.udc.system = getattr(ctx.in_object, "SystemId", "")
            if guard is not None:
                admitted = guard.judge(self.presented(ctx.udc.operation, ctx.in_object), ctx.udc)
        except SoapFault as fault:
            return self._refuse(ctx, fault)
        if admitted is not None:
            later: Deferred[Message] = Deferred.fromCoroutine(self._when_admitted(admitted, ctx))
            return later.addCallbacks(self._finish, self._failed, callbackArgs=(ctx,), errbackArgs=(ctx,))
        self.get_out_object(ctx)
        if ctx.out_error is not None:
            return self._refuse(ctx, _as_soap(ctx.out_error))
        pending: Deferred[Message] = Deferred.fromCoroutine(ctx.out_object[0])
        if pending.called and isinstance(pending.result, Message):
            return self._finish(pending.result, ctx)
        return pending.addCallbacks(self._finish, self._failed, callbackArgs=(ctx,), errbackArgs=(ctx,))

    async def _when_admitted(self, admitted: Awaitable[None], ctx: Any) -> Message:
        await admitted
        self.get_out_object(ctx)
        if ctx.out_error is not None:
            raise ctx.out_error
        message: Message = await ctx.out_object[0]
        return message

    def _finish(self, message: Message, ctx: Any) -> SoapAnswer:
        ctx.out_object = [message]
        try:
            self.get_out_string(ctx)
        except (SoapFault, ValueError):  # our own answer breaks the contract: the caller must not get it
            _log.failure("answer.broken {operation}", operation=ctx.udc.operation)
            return self._refuse(ctx, SoapFault(INTERNAL, Side.RECEIVER))
        exchange: Exchange = ctx.udc
        answer = SoapAnswer(200, exchange.version.content_type, ctx.out_string[0])
        if self._heard is not None:
            caller, code = exchange.caller or exchange.system, getattr(message, "ResultCode", 0)
            self._heard.answered(caller, self.contract.name, exchange.operation, code, exchange.began)
        ctx.release()
        return answer

    def _failed(self, failure: Any, ctx: Any) -> SoapAnswer:
        if failure.check(SoapFault) is None:
            _log.failure("handler.failed {operation}", failure, operation=ctx.udc.operation)
        return self._refuse(ctx, _as_soap(failure.value))

    def _refuse(self, ctx: Any, fault: SoapFault) -> SoapAnswer:
        ctx.in_error = ctx.out_error = fault
        ctx.fire_event("method_exception_object")
        reference = self._reference()
        exchange: Exchange = ctx.udc
        _log.info(
            "message.refused {contract} {operation} {code} {reference}",
            contract=self.contract.name, operation=exchange.operation, code=fault.result.code, reference=reference,
            caller=exchange.caller,
        )  # fmt: skip
        if self._heard is not None:
            caller = exchange.caller or exchange.system
            self._heard.refused(caller, self.contract.name, exchange.operation, fault.result.code, exchange.began)
        body = fault_envelope(fault, exchange.version, self.codec, reference)
        ctx.release()
        status = http_status(fault, exchange.version)
        return SoapAnswer(status, exchange.version.content_type, body, fault.retry_after)


def _as_soap(error: BaseException) -> SoapFault:
    return error if isinstance(error, SoapFault) else SoapFault(INTERNAL, Side.RECEIVER)


def _service(contract: Contract, handler: object) -> type:
    models = _Models(contract)
    methods: dict[str, Any] = {}
    for operation in contract.operations.values():
        bound = getattr(handler, operation.name, None)
        if bound is None:
            problem = f"operation {operation.name} has no handler in {type(handler).__name__}"
            raise ContractError(contract.path, operation.line, problem)
        methods[operation.name] = rpc(
            models.model(operation.request),
            _returns=models.model(operation.response),
            _body_style="bare",
            _in_message_name=operation.request,
            _out_message_name=operation.response,
        )(_bind(operation.name, bound))
    return type(f"{contract.name.capitalize()}Service", (ServiceBase,), methods)


def _bind(name: str, bound: Handler) -> Callable[[Any, Any], Any]:
    # Spyne counts a function's arguments: exactly (ctx, request), no defaults.
    def call(ctx: Any, request: Any) -> Any:
        return bound(request, ctx.udc)

    call.__name__ = name
    return call


class _Models:
    """Spyne models of the contract's messages: for Spyne's interface and events; reading and writing is the codec's."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._made: dict[int, Any] = {}

    def model(self, element: str) -> Any:
        return self._complex(self._contract.schemas.element_type(element))

    def _complex(self, made: ComplexType) -> Any:
        if id(made) not in self._made:
            members = [(f.name, self._field(f)) for f in made.fields]
            self._made[id(made)] = ComplexModelMeta(
                made.name,
                (ComplexModel,),
                {"__namespace__": made.namespace, "__type_name__": made.name, "_type_info": members},
            )
        return self._made[id(made)]

    def _field(self, field: Field) -> Any:
        most = "unbounded" if field.maximum is None else field.maximum
        if field.complex_type is not None:
            return self._complex(field.complex_type).customize(min_occurs=field.minimum, max_occurs=most)
        primitive = {Primitive.TEXT: Unicode, Primitive.WHOLE: Integer, Primitive.TRUTH: Boolean, None: Unicode}[
            field.primitive
        ]
        return primitive(min_occurs=field.minimum, max_occurs=most)
