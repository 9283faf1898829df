"""Stands between a caller and a partner: passes requests on, hands the answers back as they are, and lets a recorder note both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred

from gateway.contract import Codec
from gateway.soap.endpoint import Endpoint
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.http_client import HttpCallFailed, HttpPool
from stubs.mapping.recorder import NotKept, Recorder

_PASSED_ON = {"content-type": "Content-Type", "soapaction": "SOAPAction"}
_TEXT = "text/plain; charset=utf-8"


class _Elsewhere:
    """Has a method for every operation of a contract: none is called, for requests are passed on before."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.__class__


class RecordingFront(Front):
    """Serves the contract's ?wsdl itself, and passes every POST on to the target.

    `told` is called with a line for each exchange, `kept` when there is something new to write.
    """

    def __init__(
        self,
        codec: Codec,
        recorder: Recorder,
        pool: HttpPool,
        *,
        target: str,
        deadline: float,
        public_url: str,
        told: Callable[[str], None],
        kept: Callable[[], None],
    ) -> None:
        super().__init__([Endpoint(codec, _Elsewhere(), reference=str)], public_url=public_url)
        self._recorder = recorder
        self._pool = pool
        self._target = target
        self._deadline = deadline
        self._told = told
        self._kept = kept

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer ?wsdl, or pass on."""
        return super().handle(request) if request.method == "GET" else Deferred.fromCoroutine(self._pass_on(request))

    async def _pass_on(self, request: HttpRequest) -> HttpResponse:
        headers = {name: request.headers[low] for low, name in _PASSED_ON.items() if low in request.headers}
        try:
            reply = await self._pool.post(self._target, request.body, headers, deadline=self._deadline)
        except HttpCallFailed as failed:
            self._told(f"not kept: no answer from {self._target}: {failed.reason}")
            return HttpResponse(504, b"the target of this recording does not answer", _TEXT)
        content_type = reply.headers.get("content-type", "")
        self._note(request, reply.status, content_type, reply.body)
        return HttpResponse(reply.status, reply.body, content_type or _TEXT)

    def _note(self, request: HttpRequest, status: int, content_type: str, answer: bytes) -> None:
        try:
            new = self._recorder.note(request.body, _charset_of(request.headers), status, content_type, answer)
        except NotKept as why:
            self._told(f"not kept: {why}")
            return
        if new:
            self._kept()
        count = len(self._recorder.mappings)
        self._told(f"HTTP {status}, {'kept' if new else 'known already'}: {count} mapping{'' if count == 1 else 's'}")


def _charset_of(headers: Mapping[str, str]) -> str | None:
    named = headers.get("content-type", "").lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    return named or None
