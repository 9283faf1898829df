"""Captures as a stream of what came in."""

from __future__ import annotations

import gc
import resource

import pytest
from captured import BEGAN, record, write

from gateway.capture.record import BrokenCapture, Direction, write_line
from stubs.replay.reading import files_of, steps


def test_order_is_that_of_arrival(tmp_path):
    """A file has exchanges as their answers came: a slow one stands behind a quick one that came later."""
    path = write(tmp_path / "a.jsonl", [record(2, 1.0), record(1, 0.0), record(3, 2.5)])
    assert [(step.record.order[-1], step.after, step.line) for step in steps([path])] == [("1", 0.0, 3), ("2", 1.0, 2), ("3", 2.5, 4)]


def test_directory_stands_for_its_files(tmp_path):
    """In the order of their names, which is that of time."""
    for name in ("b", "a"):
        write(tmp_path / f"{name}.jsonl", [])
    assert [path.name for path in files_of([tmp_path])] == ["a.jsonl", "b.jsonl"]


def test_directory_without_captures_is_told(tmp_path):
    """Nothing to replay is a mistake, not a success."""
    with pytest.raises(BrokenCapture, match="holds no capture"):
        files_of([tmp_path])


@pytest.mark.parametrize(("at", "problem"), [("yesterday", "no time in ISO 8601"), ("2026-11-24T12:00:00", "has no time zone")])
def test_time_that_is_none_is_told_with_its_line(tmp_path, at, problem):
    """File, line, reason."""
    path = write(tmp_path / "a.jsonl", [record(1, 0), record(2, 0, at=at)])
    with pytest.raises(BrokenCapture, match=f":3: .*{problem}"):
        list(steps([path]))


def test_line_that_is_nested_without_end_is_told(tmp_path):
    """A line from elsewhere must not end the command by a traceback."""
    path = write(tmp_path / "a.jsonl", [record(1, 0)])
    with path.open("ab") as file:
        file.write(b'{"x":' + b"[" * 200_000 + b"\n")
    with pytest.raises(BrokenCapture, match=":3: is no exchange: nested too deep"):
        list(steps([path]))


@pytest.mark.parametrize(
    ("partner", "operation", "callback"),
    [
        ("ismp.204", "subsInstSynFromISMP", True), ("ocs", "subsInstSynFromISMP", False), ("ismp.204", "subscribeToVSOP", False),
        ("channel.211", "serverActionResult", True), ("smshall", "recvRQMessage", True),
    ],
)  # fmt: skip
def test_callback_is_known_by_the_call_before_it(tmp_path, partner, operation, callback):
    """What a partner sends after a call to his kind about the same subscriber; the same message by itself is none."""
    call = record(1, 0, dir=Direction.OUT, partner=partner)
    path = write(tmp_path / "a.jsonl", [call, record(2, 1, operation=operation)])
    assert [step.callback for step in steps([path])] == [callback]


def test_memory_stays_flat(tmp_path):
    """A hundred thousand exchanges are read within the memory of the few thousand that are put in order."""
    path, line = write(tmp_path / "long.jsonl", []), write_line(record(123_456_789, 0))
    with path.open("ab") as file:
        file.writelines(line.replace(b"123456789", b"%09d" % serial) for serial in range(100_000))
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in steps([path]))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # KiB
    assert (count, grown < 40 << 10, path.stat().st_size > 80 << 20) == (100_000, True, True), f"{grown} KiB, {path.stat().st_size} bytes"


def test_began_is_the_first_time(tmp_path):
    """Times count from the first exchange, also one that the gateway began."""
    path = write(tmp_path / "a.jsonl", [record(1, -5, dir=Direction.OUT), record(2, 1)])
    assert ([step.after for step in steps([path])], BEGAN.year) == ([6.0], 2026)
