"""Capture, switched on and off while the gateway runs: what passes its front and its pools goes to a writer.

While it is off, a request meets one attribute that is None. Must not know who switches it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from gateway.capture.files import Files
from gateway.capture.masking import Masking
from gateway.capture.record import FORM, Direction, Heading, write_line
from gateway.capture.recording import Choice, Recorder
from gateway.capture.writer import Taken, Writer
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.http_client import HttpCallFailed, HttpPool, HttpReply

Answered = HttpResponse | Deferred[HttpResponse]


class Tapped(Protocol):
    """What can be watched: the front of a gateway."""

    observer: Callable[[HttpRequest, Callable[[HttpRequest], Answered]], Answered] | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture is written, and how much."""

    gateway: str
    directory: Path
    file_bytes: int
    files: int
    waiting_bytes: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands with a capture. `lost` were dropped because the disk did not keep up; `failure` says what ended it."""

    running: bool
    masked: bool
    file: str
    since: str
    written: int
    lost: int
    failure: str
    contracts: list[str]
    partners: list[str]
    numbers: int


class Capture:
    """The capture of one gateway."""

    def __init__(
        self, place: Place, masking: Callable[[], Masking | None], names: Mapping[str, str], *, now: Callable[[], datetime],
        seconds: Callable[[], float], events: Callable[..., None], to_reactor: Callable[..., object],
    ) -> None:  # fmt: skip
        """`masking` reads the key when a capture starts; `names` gives the contract for a word of a path; `seconds` measure answers.

        `to_reactor` calls a function in the reactor's thread.
        """
        self._place = place
        self._masking = masking
        self._names = names
        self._now = now
        self._seconds = seconds
        self._events = events
        self._to_reactor = to_reactor
        self._front: Tapped | None = None
        self._pools: Mapping[str, HttpPool] = {}
        self._writer: Writer | None = None
        self._shown = Shown(False, True, "", "", 0, 0, "", [], [], 0)
        self._files: Files | None = None

    def watch(self, front: Tapped, pools: Mapping[str, HttpPool]) -> None:
        """Say what is to be captured; `pools` by the partner's name."""
        self._front, self._pools = front, pools

    @property
    def running(self) -> bool:
        """Whether it is on."""
        return self._writer is not None

    def start(self, choice: Choice) -> None:
        """Begin a file of its own; raises OSError where there can be none, ValueError for a key that cannot be used."""
        if self._writer is not None:
            raise ValueError("a capture runs already")
        masking, now = self._masking(), self._now()
        began = now.isoformat(timespec="milliseconds")
        mark = "" if masking is None else masking.pseudonyms.mark
        heading = Heading(FORM, self._place.gateway, began, masking is not None, mark)
        files = Files(
            self._place.directory, f"{self._place.gateway}-{now:%Y%m%dT%H%M%S%f}", lambda: write_line(heading),
            self._place.file_bytes, self._place.files,
        )  # fmt: skip
        writer = Writer(
            files, Recorder(choice, masking, self._names), most_bytes=self._place.waiting_bytes,
            failed=lambda error: self._told(writer, error),
        )  # fmt: skip
        writer.start()
        self._writer, self._files = writer, files
        self._shown = Shown(
            True, masking is not None, str(files.path), began, 0, 0, "", sorted(choice.contracts), sorted(choice.partners),
            len(choice.numbers),
        )  # fmt: skip
        self._tap(writer)
        self._events("capture.started", file=str(files.path))

    def stop(self) -> None:
        """End it; what has passed is written. Nothing is done where none runs."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._untap()
        writer.stop()
        self._shown = self._now_shown(writer, "")
        self._events("capture.stopped", file=self._shown.file, written=writer.written, lost=writer.lost)

    def show(self) -> Shown:
        """Tell how it stands, or how the last one ended."""
        return self._shown if self._writer is None else self._now_shown(self._writer, "")

    def _told(self, writer: Writer, error: OSError) -> None:
        """Called in the writer's thread."""
        self._to_reactor(self._failed, writer, error)

    def _failed(self, writer: Writer, error: OSError) -> None:
        if writer is not self._writer:
            return
        self._writer = None
        self._untap()
        self._shown = self._now_shown(writer, error.strerror or type(error).__name__)
        self._events("capture.failed", file=self._shown.file, written=writer.written, lost=writer.lost, error=error)

    def _now_shown(self, writer: Writer, failure: str) -> Shown:
        shown, files = self._shown, self._files
        path = shown.file if files is None or files.path is None else str(files.path)
        return Shown(
            self._writer is not None, shown.masked, path, shown.since, writer.written, writer.lost, failure, shown.contracts,
            shown.partners, shown.numbers,
        )  # fmt: skip

    def _tap(self, writer: Writer) -> None:
        if self._front is not None:
            self._front.observer = _Heard(writer, self._now, self._seconds)
        for partner, pool in self._pools.items():
            pool.observer = _Said(writer, partner, self._now, self._seconds)

    def _untap(self) -> None:
        if self._front is not None:
            self._front.observer = None
        for pool in self._pools.values():
            pool.observer = None


@dataclass(frozen=True, slots=True)
class _Heard:
    """Watches what is asked of us."""

    writer: Writer
    now: Callable[[], datetime]
    seconds: Callable[[], float]

    def __call__(self, request: HttpRequest, answer: Callable[[HttpRequest], Answered]) -> Answered:
        at, began = self.now(), self.seconds()
        given = answer(request)
        if isinstance(given, HttpResponse):
            self._note(request, given, at, began)
            return given
        return given.addBoth(self._later, request, at, began)

    def _later(self, given: Any, request: HttpRequest, at: datetime, began: float) -> Any:
        self._note(request, given if isinstance(given, HttpResponse) else HttpResponse(500), at, began)
        return given

    def _note(self, request: HttpRequest, given: HttpResponse, at: datetime, began: float) -> None:
        headers = request.headers
        self.writer.put(Taken(
            at, Direction.IN, request.path, "", request.body, headers.get("content-type", ""), headers.get("soapaction", ""),
            given.status, given.body, given.content_type, "", (self.seconds() - began) * 1000,
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    """Watches what we ask of one partner."""

    writer: Writer
    partner: str
    now: Callable[[], datetime]
    seconds: Callable[[], float]

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], answer: Deferred[HttpReply]) -> None:
        at, began = self.now(), self.seconds()

        def note(given: Any) -> Any:
            reply = given if isinstance(given, HttpReply) else HttpReply(0, {}, b"")
            error = "" if reply.status else str(given.value) if given.check(HttpCallFailed) else "given up"
            path = "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
            self.writer.put(Taken(
                at, Direction.OUT, path, self.partner, body, headers.get("Content-Type", ""), headers.get("SOAPAction", ""),
                reply.status, reply.body, reply.headers.get("content-type", ""), error, (self.seconds() - began) * 1000,
            ))  # fmt: skip
            return given

        answer.addBoth(note)
