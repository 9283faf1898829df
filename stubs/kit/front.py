"""The serving side of a stub set: endpoints, admin API, and the connection dropped where no answer is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.front import Front, Service
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.http_outlet import Clock
from stubs.kit.admin import PREFIX, Admin
from stubs.kit.errors import AnswerWrittenError, SilentError
from stubs.kit.times import sleep

# Inside this file it means "drop the connection"; a stub answers it for no other reason.
LOST = 502
# Seconds until a dropped line is surely closed.
GONE_AFTER = 0.05


class StubEndpoint(Endpoint):
    """An endpoint whose handler sees the message as it came, and may say that the caller gets no answer, or one that is written already."""

    def _take(self, ctx: Any) -> SoapAnswer | Deferred[SoapAnswer]:
        ctx.udc.envelope = ctx.in_document
        return super()._take(ctx)

    def _failed(self, failure: Any, ctx: Any) -> SoapAnswer:
        written = failure.value
        if isinstance(written, AnswerWrittenError):
            ctx.release()
            return SoapAnswer(written.status, written.content_type, written.body)
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
    ) -> None:
        super().__init__(endpoints, public_url=public_url, services=services)
        self._admin = admin
        self._clock = clock
        self._speaking = speaking

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Let the admin API pass."""
        return None if path.startswith(PREFIX) else super().check_head(method, path, headers)

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
