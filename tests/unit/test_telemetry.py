"""What a log line shows, what it hides, what it costs when it is off; and what of Twisted's own log is taken over."""

import ast
import io
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from twisted.logger import LogBeginner, Logger, LogPublisher

from gateway.config import LogConfig, LogFormat, LogLevel
from gateway.domain.numbers import Number
from gateway.domain.order import Action
from gateway.telemetry import EVENTS, Telemetry, capture_twisted_logs, masked

NOON = 1795320000.123
"""2026-11-22 12:00 in China, and 123 milliseconds."""
BUYER = Number("18907910001")
TEXT = LogConfig()
JSON = LogConfig(format=LogFormat.JSON)


class Unshowable:
    """A value that must not be formatted."""

    def __str__(self) -> str:
        raise AssertionError("formatted")

    __repr__ = __str__


def written(log: LogConfig, event: str, /, **fields: object) -> str:
    """Give what one event writes."""
    stream = io.StringIO()
    Telemetry(log, stream, strict=True, clock=lambda: NOON)(event, **fields)
    return stream.getvalue()


def as_json(event: str, /, **fields: object) -> dict[str, object]:
    """Give the parsed line of one event."""
    line: dict[str, object] = json.loads(written(JSON, event, **fields))
    return line


def raised(error: Exception) -> Exception:
    """Give an error that has been raised, with its traceback."""
    try:
        raise error
    except Exception as caught:  # noqa: BLE001  it was raised here
        return caught


# ---- a line --------------------------------------------------------------------------------------------------------


def test_a_text_line_has_time_level_event_and_fields() -> None:
    """China time with milliseconds; fields in the order in which they were given."""
    assert written(TEXT, "step.done", run="r-1", step="activate", number="2c", code=0) == (
        "2026-11-22T12:00:00.123+08:00 info  step.done run=r-1 step=activate number=2c code=0\n"
    )


def test_a_json_line_has_the_same_parts() -> None:
    """Numbers stay numbers."""
    assert as_json("step.done", run="r-1", step="activate", number="2c", code=0) == {
        "time": "2026-11-22T12:00:00.123+08:00",
        "level": "info",
        "event": "step.done",
        "run": "r-1",
        "step": "activate",
        "number": "2c",
        "code": 0,
    }


@pytest.mark.parametrize("log", [TEXT, JSON], ids=["text", "json"])
def test_a_subscriber_number_is_masked_by_its_type(log: LogConfig) -> None:
    """Nobody has to remember it."""
    line = written(log, "order.accepted", number=BUYER)
    assert (BUYER.digits in line, "189****0001" in line) == (False, True)


def test_numbers_within_a_list_are_masked_too() -> None:
    """A list shows its items."""
    assert as_json("order.accepted", number=[BUYER, None])["number"] == ["189****0001", None]


VALUES = {
    "nothing": (None, None),
    "flag": (True, True),
    "word of a set": (Action.SUBSCRIBE, "subscribe"),
    "duration in seconds": (timedelta(milliseconds=1500), 1.5),
    "anything else": (Path("a/b"), "a/b"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_value_is_shown_plainly(case: str) -> None:
    """JSON has no other kinds of value."""
    value, shown = VALUES[case]
    assert as_json("run.ended", code=value)["code"] == shown


ODD = {
    "line feed": ("a\nb", r"'a\nb'"),
    "escape sequence": ("\x1b[31m", r"'\x1b[31m'"),
    "C1 control": ("\x9b31m", r"'\x9b31m'"),
    "line separator": ("\u2028", r"'\u2028'"),
    "right-to-left override": ("\u202egnp", r"'\u202egnp'"),
    "blank": ("a b", "'a b'"),
    "a field of its own": ("a code=0", "'a code=0'"),
    "equals": ("code=0", "'code=0'"),
    "empty": ("", "''"),
    "Chinese": ("江西", "江西"),
}


@pytest.mark.parametrize("case", ODD)
def test_text_that_could_be_misread_is_quoted(case: str) -> None:
    """A caller's text cannot begin a line, forge a field or steer a terminal."""
    value, shown = ODD[case]
    assert written(TEXT, "order.refused", system=value).partition("system=")[2] == f"{shown}\n"


@pytest.mark.parametrize("case", ODD)
def test_json_is_one_line_of_ascii(case: str) -> None:
    """Whatever the text holds."""
    line = written(JSON, "order.refused", system=ODD[case][0])
    assert (line.isascii(), line[:-1].isprintable(), line[-1]) == (True, True, "\n")


def test_an_error_is_told_with_its_traceback_at_error_level() -> None:
    """Who is called at night needs it; it stays one line."""
    line = written(TEXT, "run.stuck", run="r-1", error=raised(KeyError("flow")))
    assert (line.count("\n"), " error=KeyError traceback='Traceback " in line, "KeyError: \\'flow\\'" in line) == (
        1,
        True,
        True,
    )


def test_an_error_is_told_by_its_name_below_error_level() -> None:
    """Its text may hold what a caller sent."""
    assert written(TEXT, "step.failed", reason=raised(ValueError("text of a caller"))).endswith(" reason=ValueError\n")


def test_numbers_in_a_traceback_are_masked() -> None:
    """An error's text has no type that would mask them."""
    line = written(TEXT, "run.stuck", error=raised(KeyError("18907910001")))
    assert ("18907910001" in line, "189****0001" in line) == (False, True)


FOREIGN = {
    "mobile": ("no 18907910001!", "no 189****0001!"),
    "with country code": ("+8618907910001", "189****0001"),
    "fixed line": ("079188881234", "079****1234"),
    "card": ("imsi 460031234567890", "imsi 46003******7890"),
    "password": ('<wsse:Password Type="a">s3cret</wsse:Password>', '<wsse:Password Type="a">***</wsse:Password>'),
    "nonce": ("<Nonce>AAAA</Nonce>", "<Nonce>***</Nonce>"),
    "signature": ("<ds:SignatureValue>AAAA<", "<ds:SignatureValue>***<"),
    "our numbers": ("21120261123093000000000001", "21120261123093000000000001"),
    "another element": ("<PasswordHint>a</PasswordHint>", "<PasswordHint>a</PasswordHint>"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_text_is_masked_by_its_form(case: str) -> None:
    """Numbers, cards and secrets; the numbers of messages stay, for people look for them."""
    text, shown = FOREIGN[case]
    assert masked(text) == shown


def test_a_long_error_is_cut() -> None:
    """A message of a megabyte within an error does not become a log line of a megabyte; its end, the error, stays."""
    line = written(TEXT, "run.stuck", error=raised(ValueError("x" * 1_000_000 + "end")))
    assert (len(line) < 9000, line.endswith("end\\n'\n")) == (True, True)


MASKED = {
    "user 18907910001 unknown": "user 189****0001 unknown",
    "user 8618907910001 unknown": "user 189****0001 unknown",
    "+8618907910001": "189****0001",
    "079188888888": "079****8888",
    "21120261122120000000000001": "21120261122120000000000001",
    "call within 15 s": "call within 15 s",
}


@pytest.mark.parametrize("text", MASKED)
def test_what_looks_like_a_number_is_masked(text: str) -> None:
    """A StreamingNo, which has 26 digits, is none."""
    assert masked(text) == MASKED[text]


# ---- levels --------------------------------------------------------------------------------------------------------

KEPT = {
    LogLevel.DEBUG: ["twisted.debugged", "order.accepted", "step.failed", "run.stuck"],
    LogLevel.INFO: ["order.accepted", "step.failed", "run.stuck"],
    LogLevel.WARN: ["step.failed", "run.stuck"],
    LogLevel.ERROR: ["run.stuck"],
}


@pytest.mark.parametrize("level", LogLevel)
def test_events_from_the_level_on_are_written(level: LogLevel) -> None:
    """One event of each level is sent."""
    stream = io.StringIO()
    events = Telemetry(replace(TEXT, level=level), stream, strict=True)
    for event in KEPT[LogLevel.DEBUG]:
        events(event)
    assert [line.split()[2] for line in stream.getvalue().splitlines()] == KEPT[level]


def test_an_event_below_the_level_formats_nothing() -> None:
    """Its values are not even looked at."""
    assert written(replace(TEXT, level=LogLevel.WARN), "order.accepted", number=Unshowable()) == ""


def test_who_asks_learns_what_is_written() -> None:
    """Where fields are costly to make."""
    events = Telemetry(replace(TEXT, level=LogLevel.WARN), io.StringIO())
    assert (events.writes("step.failed"), events.writes("step.done")) == (True, False)


# ---- the table -----------------------------------------------------------------------------------------------------


def test_an_unknown_event_raises_in_tests() -> None:
    """The table is the whole of the log."""
    with pytest.raises(ValueError, match=r"unknown event order\.acepted"):
        written(TEXT, "order.acepted")


def test_an_unknown_field_raises_in_tests_at_any_level() -> None:
    """Also where the event itself is off."""
    with pytest.raises(ValueError, match=r"step\.done has no field ms"):
        written(replace(TEXT, level=LogLevel.ERROR), "step.done", ms=1)


def test_an_unknown_event_is_written_in_service() -> None:
    """A mistake of ours must not take an order with it, nor be lost."""
    stream = io.StringIO()
    Telemetry(TEXT, stream, clock=lambda: NOON)("order.acepted", run="r-1")
    assert stream.getvalue() == "2026-11-22T12:00:00.123+08:00 warn  order.acepted run=r-1\n"


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_named_noun_verb_and_has_a_meaning(name: str) -> None:
    """No prose in the name, one sentence beside it."""
    noun, _, verb = name.partition(".")
    assert (noun.isalpha(), verb.isalpha(), EVENTS[name].meaning.endswith(".")) == (True, True, True)


def test_the_code_sends_only_events_and_fields_of_the_table() -> None:
    """Every call of `events` in the gateway is looked at, those that no test reaches too."""
    root = Path(__file__).parents[2] / "gateway"
    calls = [
        (f"{path.relative_to(root)}:{node.lineno}", node.args[0].value, {keyword.arg for keyword in node.keywords})
        for path in sorted(root.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "events"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    strange = [call for call in calls if call[1] not in EVENTS or not call[2] <= EVENTS[str(call[1])].fields]
    assert (bool(calls), strange) == (True, [])


# ---- Twisted's own log ---------------------------------------------------------------------------------------------


@pytest.fixture
def capture() -> Callable[[LogLevel], tuple[Any, io.StringIO]]:
    """Begin to capture a log of the test's own."""

    def begin(level: LogLevel = LogLevel.INFO) -> tuple[Any, io.StringIO]:
        publisher, stream = _publisher(), io.StringIO()
        beginner = LogBeginner(publisher, io.StringIO(), sys, warnings_module())
        capture_twisted_logs(Telemetry(replace(JSON, level=level), stream, strict=True, clock=lambda: NOON), beginner)
        return publisher, stream

    return begin


def _publisher() -> Any:
    """Stand for Twisted's global log; zope's interfaces are no types."""
    return LogPublisher()


def warnings_module() -> object:
    """Stand for the module `warnings`, whose hook would outlive the test."""

    class Module:
        showwarning = warnings.showwarning

    return Module


Begin = Callable[..., tuple[Any, io.StringIO]]


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Parse what was written, without what every line has."""
    parsed = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("time", "traceback")} for line in parsed]


@pytest.mark.parametrize("namespace", ["gateway.soap", "stubs"])
def test_notes_of_our_own_rooms_are_taken_over(capture: Begin, namespace: str) -> None:
    """Rooms that know Twisted log through it."""
    publisher, stream = capture()
    Logger(namespace, observer=publisher).info("a note of {code}", code=1006)
    expected = {"level": "info", "event": "twisted.noted", "source": namespace, "text": "a note of 1006"}
    assert lines(stream) == [expected]


def test_event_that_a_room_tells_through_twisted(capture: Begin) -> None:
    """It is written as the event that it is, with its fields."""
    publisher, stream = capture()
    Logger("gateway.soap", observer=publisher).info("message.refused {contract} {code}", contract="vsop", code=1006, other=1)
    assert lines(stream) == [{"level": "info", "event": "message.refused", "contract": "vsop", "code": 1006}]


@pytest.mark.parametrize("namespace", ["twisted.internet", "gatewayx"])
def test_notes_of_others_are_left_out(capture: Begin, namespace: str) -> None:
    """Twisted tells of every port that it opens."""
    publisher, stream = capture()
    Logger(namespace, observer=publisher).info("starting port")
    assert stream.getvalue() == ""


def test_warnings_of_others_are_taken_over(capture: Begin) -> None:
    """From `warn` on."""
    publisher, stream = capture()
    Logger("twisted.internet", observer=publisher).warn("too many files")
    assert [line["event"] for line in lines(stream)] == ["twisted.warned"]


def test_details_of_our_own_rooms_need_the_level_debug(capture: Begin) -> None:
    """The configured level decides, as for other events."""
    publisher, stream = capture(LogLevel.DEBUG)
    Logger("gateway.soap", observer=publisher).debug("details")
    assert [line["event"] for line in lines(stream)] == ["twisted.debugged"]


def test_a_failure_is_told_with_its_traceback(capture: Begin) -> None:
    """An error in a Deferred that nobody handles ends here."""
    publisher, stream = capture()
    try:
        raise KeyError("18907910001")
    except KeyError:
        Logger("gateway.soap", observer=publisher).failure("handler.failed")
    (line,) = lines(stream)
    assert (line["event"], line["text"], line["error"]) == ("twisted.failed", "handler.failed", "KeyError")
    assert ("in test_a_failure" in stream.getvalue(), "18907910001" in stream.getvalue()) == (True, False)


def test_numbers_in_a_text_of_others_are_masked(capture: Begin) -> None:
    """Such a text has no types."""
    publisher, stream = capture()
    Logger("gateway.soap", observer=publisher).info("user {number}", number="18907910001")
    assert [line["text"] for line in lines(stream)] == ["user 189****0001"]


def test_what_was_logged_before_is_taken_over() -> None:
    """Twisted keeps it until somebody listens."""
    publisher, stream = _publisher(), io.StringIO()
    beginner = LogBeginner(publisher, io.StringIO(), sys, warnings_module())
    Logger("gateway.app", observer=publisher).info("early")
    capture_twisted_logs(Telemetry(JSON, stream, strict=True), beginner)
    assert [line["text"] for line in lines(stream)] == ["early"]
