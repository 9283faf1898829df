"""The serving side of a stub set: endpoints, admin API, and the connection dropped where no answer is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from gateway.errors import UNKNOWN_OPERATION
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.faults import SoapFault
from gateway.soap.front import Front, Service
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.http_outlet import Clock
from stubs.kit.admin import PREFIX, Admin
from stubs.kit.directory import Directory
from stubs.kit.errors import SilentError
from stubs.kit.times import sleep

# Inside this file it means "drop the connection"; a stub answers it for no other reason.
LOST = 502
# Seconds until a dropped line is surely closed.
GONE_AFTER = 0.05


class StubEndpoint(Endpoint):
    """An endpoint whose handler may say that the caller gets no answer, and whose faults show the way to the right operation."""

    directory: Directory | None = None
    """What the set serves; None while it does not serve yet."""

    def _refuse(self, ctx: Any, fault: SoapFault) -> SoapAnswer:
        if self.directory is not None and fault.result is UNKNOWN_OPERATION:
            fault = self.directory.explain(fault, self.contract, str(ctx.in_document.body.tag))
        return super()._refuse(ctx, fault)

    def _failed(self, failure: Any, ctx: Any) -> SoapAnswer:
        if not isinstance(failure.value, SilentError):
            return super()._failed(failure, ctx)
        ctx.close()
        return SoapAnswer(LOST, ctx.udc.version.content_type, b"")


class StubFront(Front):
    """Serves SOAP as the gateway does, and JSON under /_stub/."""

    def __init__(
        self,
        endpoints: list[Endpoint],
        admin: Admin,
        *,
        public_url: str,
        clock: Clock,
        speaking: Callable[[], Callable[[], None]],
        services: Mapping[str, Service] | None = None,
        named: Mapping[str, Endpoint] | None = None,
        directory: Directory,
    ) -> None:
        super().__init__(endpoints, public_url=public_url, services=services, named=named)
        self._admin = admin
        self._directory = directory
        for endpoint in (*endpoints, *(named or {}).values()):
            if isinstance(endpoint, StubEndpoint):
                endpoint.directory = directory
        self._clock = clock
        self._speaking = speaking

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Let the admin API pass; show who asks for what is not here what is."""
        if path.startswith(PREFIX):
            return None
        refusal = super().check_head(method, path, headers)
        if refusal is None or refusal.status != 404:
            return refusal
        return self._directory.root(method, path) or self._directory.missing(path)

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer, or drop the line that asked."""
        if request.path.startswith(PREFIX):
            return self._admin.handle(request)
        drop = self._speaking()  # only now is it known which line is being read
        answer = super().handle(request)
        return answer.addCallback(self._hand_over, drop) if isinstance(answer, Deferred) else answer

    def _hand_over(self, response: HttpResponse, drop: Callable[[], None]) -> HttpResponse | Deferred[HttpResponse]:
        if response.status != LOST:
            return response
        drop()
        # The HTTP layer is owed an answer, and throws it away once the line is gone.
        return sleep(self._clock, GONE_AFTER).addCallback(lambda _: response)


class Line(ProtocolWrapper):
    """One connection, which tells the factory when it is being read."""

    factory: Lines

    def dataReceived(self, data: bytes) -> None:  # Twisted's name
        """Note that requests handled from here on came over this line."""
        self.factory.said.line = self
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted's

    def drop(self) -> None:
        """Close without sending what waits."""
        if self.transport is not None:
            self.transport.abortConnection()


class Said:
    """Which line is being read now."""

    line: Line | None = None


class Lines(WrappingFactory):
    """Keeps count of which line is speaking: the HTTP layer has no way to drop a connection, rightly.

    A further port of the same handler shares `said` with the first.
    """

    noisy = False
    protocol = Line

    def __init__(self, served: Factory, said: Said | None = None) -> None:
        super().__init__(served)  # type: ignore[no-untyped-call]  # Twisted's
        self.said = said or Said()

    def drop_speaking(self) -> Callable[[], None]:
        """Give what drops the line that is being read now."""
        assert self.said.line is not None
        return self.said.line.drop
