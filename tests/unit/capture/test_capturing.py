"""A capture on a front and on pools, switched on and off."""

from __future__ import annotations

import gzip
from datetime import datetime

import pytest
from twisted.internet.defer import Deferred

from gateway.capture.capture import Capture, Place
from gateway.capture.masking import Fields, Masking
from gateway.capture.pseudonyms import Pseudonyms
from gateway.capture.record import read_records
from gateway.capture.recording import Choice
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.http_client import HttpCallFailed, HttpReply, Reason, SendOutcome
from gateway.vocabulary import CHINA

NUMBER = "18907910001"
PSEUDONYMS = Pseudonyms(b"k" * 32)


class Tap:
    """A front, or a pool, that can be watched."""

    observer = None


class Place15:
    """A capture with what it watches."""

    def __init__(self, directory, masking=lambda: None, file_bytes=1 << 20):
        self.front, self.pool, self.events = Tap(), Tap(), []
        self.capture = Capture(
            Place("vsop-15", directory, file_bytes, 3, 1 << 20), masking, {"vsop": "vsop", "xplatform": "xplatform"},
            now=lambda: datetime(2026, 11, 24, 12, tzinfo=CHINA), seconds=lambda: 1.0,
            events=lambda name, **fields: self.events.append(name), to_reactor=lambda call, *rest: call(*rest),
        )  # fmt: skip
        self.capture.watch(self.front, {"xplatform.303": self.pool})

    def ask(self, body, answer):
        request = HttpRequest("POST", "/services/vsop", "", {"content-type": "text/xml", "soapaction": '"a"'}, body, "127.0.0.1")
        return self.front.observer(request, lambda _: answer)

    def records(self):
        self.capture.stop()
        (path,) = self.capture._place.directory.glob("*.jsonl")
        return [record for _, record in read_records(path)]


@pytest.fixture
def place(tmp_path):
    """One that runs."""
    made = Place15(tmp_path / "capture")
    made.capture.start(Choice())
    return made


def test_off_there_is_nothing_to_meet(tmp_path):
    """Before a start and after a stop front and pools have no observer."""
    made = Place15(tmp_path / "capture")
    before = made.front.observer, made.pool.observer
    made.capture.start(Choice())
    made.capture.stop()
    assert (before, made.front.observer, made.pool.observer) == ((None, None), None, None)


def test_request_and_answer_are_one_record(place):
    """What the caller gets is what the endpoint gave."""
    given = place.ask(b"<SystemId>211</SystemId>", HttpResponse(200, b"<ok/>"))
    (record,) = place.records()
    assert (given.body, record.dir, record.partner, record.status, record.answer.text) == (b"<ok/>", "in", "211", 200, "<ok/>")


def test_late_answer_is_recorded_when_it_comes(place):
    """An answer that comes later passes on to who waits for it."""
    later: Deferred[HttpResponse] = Deferred()
    got = []
    place.ask(b"<a/>", later).addCallback(got.append)
    later.callback(HttpResponse(500, b"<fault/>"))
    (record,) = place.records()
    assert ([each.status for each in got], record.status) == ([500], 500)


def test_failed_handler_stays_failed(place):
    """The error goes on to the server edge; the record says 500."""
    later: Deferred[HttpResponse] = Deferred()
    errors = []
    place.ask(b"<a/>", later).addErrback(errors.append)
    later.errback(RuntimeError("x"))
    (record,) = place.records()
    assert (len(errors), record.status) == (1, 500)


def test_call_and_reply_are_one_record(place):
    """What is asked of a partner, by the partner's name."""
    answer: Deferred[HttpReply] = Deferred()
    place.pool.observer("http://127.0.0.1:9/services/xplatform?x=1", b"<q/>", {"Content-Type": "text/xml", "SOAPAction": '"s"'}, answer)
    answer.callback(HttpReply(200, {"content-type": "text/xml"}, b"<r/>"))
    (record,) = place.records()
    assert (record.dir, record.partner, record.contract, record.path, record.answer.text) == (
        "out", "xplatform.303", "xplatform", "/services/xplatform", "<r/>",
    )  # fmt: skip


def test_call_without_answer_says_why(place):
    """In our own words."""
    answer: Deferred[HttpReply] = Deferred()
    place.pool.observer("http://127.0.0.1:9/x", b"<q/>", {}, answer)
    answer.addErrback(lambda _: None)
    answer.errback(HttpCallFailed(SendOutcome.UNKNOWN, Reason.LOST))
    (record,) = place.records()
    assert (record.status, record.answer, record.error) == (0, None, "unknown: connection lost")


def test_nothing_unmasked_reaches_the_disk(tmp_path):
    """Not in the bodies, not in the fields beside them, not from bytes that are no text."""
    made = Place15(tmp_path / "capture", lambda: Masking(PSEUDONYMS, Fields(frozenset({"ProductNo"}))))
    made.capture.start(Choice())
    for body in (f"<ProductNo>{NUMBER}</ProductNo>".encode(), b"\xff%b" % NUMBER.encode()):
        made.ask(body, HttpResponse(200, f"<b>{NUMBER}</b>".encode()))
    records = made.records()
    raw = b"".join(path.read_bytes() for path in (tmp_path / "capture").iterdir())
    found = {each.request.body for each in records} | {records[0].number.encode()}
    other = PSEUDONYMS.number(NUMBER).encode()
    assert (NUMBER.encode() in raw, found) == (False, {b"<ProductNo>%b</ProductNo>" % other, b"\xff%b" % other, other})


def test_second_start_is_refused(place):
    """One capture at a time."""
    with pytest.raises(ValueError, match="runs already"):
        place.capture.start(Choice())
    place.capture.stop()


def test_directory_that_cannot_be_made_is_told(tmp_path):
    """No capture then, and nothing is watched."""
    (tmp_path / "file").write_text("")
    made = Place15(tmp_path / "file" / "capture")
    with pytest.raises(OSError):
        made.capture.start(Choice())
    assert (made.capture.running, made.front.observer) == (False, None)


def test_trouble_with_the_file_ends_it(place, monkeypatch):
    """A full disk is told in the log and by the status; requests are answered as before."""
    monkeypatch.setattr("gateway.capture.files.Files.append", _no_space)
    answers = [place.ask(b"<a/>", HttpResponse(200, b"<ok/>")) for _ in range(2)]
    place.capture._writer._thread.join(5)
    shown = place.capture.show()
    assert ([a.status for a in answers], shown.running, shown.failure, shown.lost, place.events[-1], place.front.observer) == (
        [200, 200], False, "No space left on device", 2, "capture.failed", None,
    )  # fmt: skip


def _no_space(self, lines):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(f"<ProductNo>{NUMBER}</ProductNo>".encode()), f"<ProductNo>{NUMBER}</ProductNo>".encode("utf-16-le"),
        f"<ProductNo>{NUMBER}</ProductNo>".encode("utf-32"),
    ],
    ids=["gzip", "UTF-16 without a mark", "UTF-32"],
)  # fmt: skip
def test_what_cannot_be_masked_is_not_written(tmp_path, body):
    """A body that no number can be found in, such as a compressed answer of a partner, could be read by who unpacks it."""
    place = Place15(tmp_path / "capture", lambda: Masking(PSEUDONYMS, Fields(frozenset({"ProductNo"}))))
    place.capture.start(Choice())
    place.ask(body, HttpResponse(200, body, "text/xml"))
    (record,) = place.records()
    assert (record.request.body, record.answer.body) == (b"***", b"***")
