"""The serving side of a stub set: endpoints, admin API, answers that faults spoil, and the connection dropped where no answer is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from gateway.errors import UNKNOWN_OPERATION
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.faults import SoapFault
from gateway.soap.front import Front, Service
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.http_outlet import Clock
from stubs.faults.edits import EDITS
from stubs.faults.spoil import spoil
from stubs.faults.wire import Sent
from stubs.kit.admin import PREFIX, Admin
from stubs.kit.directory import Directory
from stubs.kit.errors import AnswerWrittenError, SilentError
from stubs.kit.fault_player import Player
from stubs.kit.faulty import Meeting
from stubs.kit.lines import Line
from stubs.kit.role import Stage

# Inside this file it means "drop the connection"; a stub answers it for no other reason.
LOST = 502
SERVER_NAME = "vsopgw-stub"
# Seconds until a dropped line is surely closed.
GONE_AFTER = 0.05


class StubEndpoint(Endpoint):
    """An endpoint whose handler sees the message as it came, and may say that the caller gets no answer, or one that is written already.

    Its faults show the way to the right operation.
    """

    directory: Directory | None = None
    """What the set serves; None while it does not serve yet."""

    def _take(self, ctx: Any) -> SoapAnswer | Deferred[SoapAnswer]:
        ctx.udc.envelope = ctx.in_document
        return super()._take(ctx)

    def _refuse(self, ctx: Any, fault: SoapFault) -> SoapAnswer:
        if self.directory is not None and fault.result is UNKNOWN_OPERATION:
            fault = self.directory.explain(fault, self.contract, str(ctx.in_document.body.tag))
        return super()._refuse(ctx, fault)

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
        stage: Stage,
        speaking: Callable[[], Line],
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
        self._stage = stage
        self._faults = stage.faults
        self._player = Player(clock, SERVER_NAME)
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
        """Answer, drop the line that asked, or let a fault have its way."""
        if request.path.startswith(PREFIX):
            return self._admin.handle(request)
        line = self._speaking()  # only now is it known which line is being read
        answer = super().handle(request)
        meeting = self._faults.meeting
        if meeting is not None:
            self._faults.meeting = None
            owed: Deferred[HttpResponse] = Deferred()
            self._stage.background.start(self._play(request, meeting, answer, line, owed))
            return owed
        return answer.addCallback(self._hand_over, line) if isinstance(answer, Deferred) else answer

    def _hand_over(self, response: HttpResponse, line: Line) -> HttpResponse | Deferred[HttpResponse]:
        if response.status != LOST:
            return response
        line.drop()
        # The HTTP layer is owed an answer, and throws it away once the line is gone.
        return Deferred.fromCoroutine(self._when_gone(response, line))

    async def _when_gone(self, response: HttpResponse, line: Line) -> HttpResponse:
        await self._player.rest(GONE_AFTER, line)
        return response

    # ---- faults -------------------------------------------------------------------------------------------------------

    async def _play(
        self, request: HttpRequest, meeting: Meeting, answer: HttpResponse | Deferred[HttpResponse], line: Line,
        owed: Deferred[HttpResponse],
    ) -> None:  # fmt: skip
        response = HttpResponse(LOST)
        try:
            response = await self._answered(request, meeting, await _had(answer), line)
        except CancelledError:  # the set stops
            line.drop()
            raise
        finally:
            owed.callback(response)

    async def _answered(self, request: HttpRequest, meeting: Meeting, response: HttpResponse, line: Line) -> HttpResponse:
        if response.status == LOST and meeting.acts:
            return await _had(self._hand_over(response, line))
        if meeting.fault("handled-twice") is not None:
            response = await self._again(request, meeting)
        before = meeting.fault("callback-before-answer")
        if before is not None:
            await self._faults.wait_for_callback(meeting.asked, before.number("seconds"))
        sent = Sent(200 if response.status == LOST else response.status, response.body, response.content_type, response.headers)
        sent = self._other(sent, meeting)
        return await self._player.play(spoil(sent, meeting.faults), line)

    async def _again(self, request: HttpRequest, meeting: Meeting) -> HttpResponse:
        """Let the role work on a request as if its number were new."""
        asked = meeting.asked
        self._stage.world.answered[asked.role].release((asked.system, asked.streaming_no))
        self._faults.paused = True
        try:
            answer = super().handle(request)
        finally:
            self._faults.paused = False
        return await _had(answer)

    def _other(self, sent: Sent, meeting: Meeting) -> Sent:
        if not self._faults.book.wants("answer-of-another"):
            return sent
        other = self._faults.answer_of_another(meeting.asked, sent.body)
        met = meeting.fault("answer-of-another")
        if met is None:
            return sent
        return replace(sent, body=EDITS["wrong-streaming-no"](sent.body, met) if other is None else other)


async def _had(answer: HttpResponse | Deferred[HttpResponse]) -> HttpResponse:
    return await answer if isinstance(answer, Deferred) else answer
