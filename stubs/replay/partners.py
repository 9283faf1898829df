"""The partners of a capture, played: what the target calls is answered as they answered then, and compared with what was called then.

A call is known by its path, its operation and the subscriber, in the order of then. What the target calls its requests and orders is
noted for the callbacks that name them. Only places in the files are held, not what stands there.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from gateway.capture.describing import describe
from gateway.capture.masking import to_text
from gateway.capture.record import LONGEST_LINE, Direction, Record, Said
from gateway.soap.http import HttpRequest, HttpResponse
from stubs.replay.comparing import Answer, differences, leaves
from stubs.replay.reading import Step
from stubs.replay.renewing import Renewal, names_one
from stubs.replay.rules import Rule
from stubs.replay.tally import Outcome, judged

_AGAIN_KEPT: Final = 20_000
"""Answers that are remembered by StreamingNo: a target that asks again gets the same one."""
_STRANGE: Final = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    b"<faultstring>this call was not recorded</faultstring></s:Fault></s:Body></s:Envelope>"
)
Key = tuple[str, str, str]


class _Called(msgspec.Struct, frozen=True):
    """As much of a record as says which call it is."""

    dir: Direction
    path: str
    operation: str = ""
    number: str = ""


class Partners:
    """Answers a target's calls; an HttpHandler. `told` hears of each call once."""

    def __init__(self, files: Sequence[Path], renewal: Renewal, rules: tuple[Rule, ...], told: Callable[[Outcome], None]) -> None:
        """Look through the files once; what is no exchange there is told when it is replayed."""
        self._renewal = renewal
        self._rules = rules
        self._told = told
        self._places: dict[Key, deque[tuple[Path, int, int]]] = {}
        self._again: OrderedDict[str, HttpResponse] = OrderedDict()
        self.left = 0
        """Calls of then that have not come yet."""
        self.came = 0
        """Calls that have come."""
        for path in files:
            self._look_through(path)

    def _look_through(self, path: Path) -> None:
        decoder, offset, number = msgspec.json.Decoder(_Called), 0, 0
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                try:
                    called = decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError):  # the heading, or a broken line, which the reader names
                    called = None
                if called is not None and called.dir is Direction.OUT:
                    key = called.path, called.operation, self._renewal.words(called.number)
                    self._places.setdefault(key, deque()).append((path, offset, number))
                    self.left += 1
                offset += len(line)

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Take messages alone."""
        return None if method == "POST" else HttpResponse(404, b"a partner of a replay: POST a message here", "text/plain; charset=utf-8")

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer as was answered then."""
        read = to_text(request.body, request.headers.get("content-type", ""))
        found = describe(read[0] if read else request.body.decode("latin-1"))
        known = self._again.get(found.streaming_no) if found.streaming_no else None
        if known is not None:
            return known
        self.came += 1
        places = self._places.get((request.path, found.operation, found.number))
        if not places:
            self._told(self._strange(request, found.operation))
            return HttpResponse(500, _STRANGE)
        self.left -= 1
        path, offset, number = places.popleft()
        record = _read(path, offset)
        self._compare(Step(str(path), number, record, 0.0, False), request)
        answer = self._answer(record)
        self._again[found.streaming_no] = answer
        while len(self._again) > _AGAIN_KEPT:
            self._again.popitem(last=False)
        return answer

    def missing(self) -> None:
        """Tell of each call of then that has not come."""
        for places in self._places.values():
            for path, offset, number in places:
                step = Step(str(path), number, _partner_s(_read(path, offset)), 0.0, False)
                recorded = leaves(Answer(200, step.record.request.type, step.record.request.body))
                none = Answer(0, error="the target did not call")
                self._told(judged(step, b"", none, differences(recorded, leaves(none)), self._rules))
            places.clear()
        self.left = 0

    def _compare(self, step: Step, request: HttpRequest) -> None:
        """Compare a call with that of then; learn what the target calls it."""
        said = step.record.request
        recorded = leaves(Answer(200, said.type, said.body))
        actual = Answer(200, request.headers.get("content-type", ""), request.body)
        given = leaves(actual)
        values = dict(given)
        expected = []
        for path, value in recorded:
            is_number = bool(value) and names_one(path)
            expected.append((path, self._renewal.words(self._renewal.number(value) if is_number else value)))
            if is_number and values.get(path) and values[path] != expected[-1][1]:
                self._renewal.carry(value, values[path])
        outcome = Step(step.file, step.line, _partner_s(step.record), 0.0, False)
        self._told(judged(outcome, request.body, actual, differences(expected, given), self._rules))

    def _answer(self, record: Record) -> HttpResponse:
        """Give the answer of then, in the target's numbers; where none came then, none is to be had now."""
        if record.answer is None or not record.status:
            return HttpResponse(503)
        return HttpResponse(record.status, self._renewal.body(record.answer), record.answer.type or "text/xml; charset=utf-8")

    def _strange(self, request: HttpRequest, operation: str) -> Outcome:
        kind = request.headers.get("content-type", "")
        record = Record("", Direction.OUT, request.path, Said(type=kind), contract=f"to {request.path}", operation=operation)
        none, actual = Answer(0, error="no such call was recorded"), Answer(200, kind, request.body)
        return judged(Step("-", 0, record, 0.0, False), b"", actual, differences(leaves(none), leaves(actual)), self._rules)


def _partner_s(record: Record) -> Record:
    """Let a call be counted under its partner, not under the contract that was called."""
    return msgspec.structs.replace(record, contract=f"to {record.partner}", answer=record.request)


def _read(path: Path, offset: int) -> Record:
    with path.open("rb") as file:
        file.seek(offset)
        return msgspec.json.decode(file.readline(LONGEST_LINE), type=Record)
