"""Files of a capture, and the thread that writes them."""

from __future__ import annotations

import errno
from datetime import datetime

import pytest

from gateway.capture.files import Files
from gateway.capture.record import BrokenCapture, Direction, Heading, Record, Said, read_records, write_line
from gateway.capture.recording import Choice, Recorder
from gateway.capture.writer import Taken, Writer
from gateway.vocabulary import CHINA

HEADING = Heading(1, "vsop-15", "2026-11-24T12:00:00.000+08:00", False, "")


def taken(body=b"<a/>", path="/services/vsop", partner=""):
    return Taken(
        datetime(2026, 11, 24, 12, tzinfo=CHINA), Direction.IN, path, partner, body, "text/xml", '"act"', 200, b"<b/>", "text/xml", "", 1.5
    )


def files_in(directory, most_bytes=1 << 20, most_files=3):
    return Files(directory, "c", lambda: write_line(HEADING), most_bytes, most_files)


def written(directory):
    return [record for path in sorted(directory.glob("*.jsonl")) for _, record in read_records(path)]


def keep_all(choice=Choice()):  # noqa: B008  frozen
    return Recorder(choice, None, {"vsop": "vsop"})


def run(directory, *exchanges, recorder=None, most_bytes=1 << 20, files=None):
    failures = []
    writer = Writer(files or files_in(directory), recorder or keep_all(), most_bytes=most_bytes, failed=failures.append)
    writer.start()
    for each in exchanges:
        writer.put(each)
    writer.stop()
    return writer, failures


def test_what_is_written_can_be_read(tmp_path):
    """Bytes, media type, status and times come back as they were."""
    run(tmp_path, taken("<a>您</a>".encode()))
    (record,) = written(tmp_path)
    assert (record.request.body, record.request.action, record.status, record.ms, record.contract, record.at) == (
        "<a>您</a>".encode(), '"act"', 200, 1.5, "vsop", "2026-11-24T12:00:00.000+08:00",
    )  # fmt: skip


def test_bytes_that_are_no_text_come_back(tmp_path):
    """A body of no charset stands in base64."""
    run(tmp_path, taken(b"<a>\xff\x00</a>"))
    assert (written(tmp_path)[0].request.body, written(tmp_path)[0].request.text) == (b"<a>\xff\x00</a>", "")


def test_only_the_owner_may_read(tmp_path):
    """Captures are of people: neither group nor others may look."""
    run(tmp_path / "new", taken())
    (path,) = (tmp_path / "new").glob("*.jsonl")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_full_file_is_followed_by_the_next(tmp_path):
    """Each file has its heading; the oldest goes when there are too many."""
    run(tmp_path, *[taken(b"<a>%d</a>" % n) for n in range(64)], files=files_in(tmp_path, most_bytes=300, most_files=3))
    names = [path.name for path in sorted(tmp_path.glob("*.jsonl"))]
    assert (len(names), names[-1], written(tmp_path)[-1].request.text) == (3, "c-0008.jsonl", "<a>63</a>")


def test_what_the_disk_does_not_keep_up_with_is_counted(tmp_path):
    """Beyond the bytes that may wait, exchanges are dropped, and the gateway goes on."""
    writer, _ = run(tmp_path, taken(b"a" * 100), taken(b"b" * 100), most_bytes=150)
    assert (writer.written, writer.lost) == (1, 1)


class FullDisk(Files):
    """Takes half of a batch, then says that there is no space."""

    def append(self, lines):
        if b"<a/>" in lines:
            self._size += 0
            super().append(lines[: len(lines) // 2].replace(b"\n", b" "))
            raise OSError(errno.ENOSPC, "No space left on device")
        super().append(lines)


def test_full_disk_ends_the_capture_alone(tmp_path):
    """Whoever started it is told once; what was not written is counted."""
    writer, failures = run(tmp_path, taken(), taken(), files=FullDisk(tmp_path, "c", lambda: write_line(HEADING), 1 << 20, 3))
    assert ([failure.errno for failure in failures], writer.written, writer.lost) == ([errno.ENOSPC], 0, 2)


def test_half_a_line_is_taken_back(tmp_path, monkeypatch):
    """A file ends with a whole line, also where the disk took half of one."""
    files = files_in(tmp_path)
    files.begin()
    real, calls = __import__("os").write, []

    def full(descriptor, data):
        calls.append(len(data))
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:3])

    monkeypatch.setattr("os.write", full)
    with pytest.raises(OSError):
        files.append(b'{"at"...}\n')
    monkeypatch.undo()
    files.close()
    assert files.path.read_bytes() == write_line(HEADING)


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        (Choice(), 2), (Choice(contracts=frozenset({"ppm"})), 0), (Choice(partners=frozenset({"211"})), 1),
        (Choice(numbers=frozenset({"18907910001"})), 1), (Choice(partners=frozenset({"xplatform.303"})), 1),
    ],
)  # fmt: skip
def test_only_what_is_chosen_is_written(tmp_path, choice, kept):
    """By contract, by caller or called, by subscriber."""
    body = b"<SystemId>211</SystemId><ProductNo>18907910001</ProductNo>"
    run(tmp_path, taken(body), taken(partner="xplatform.303"), recorder=keep_all(choice))
    assert len(written(tmp_path)) == kept


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (b"", ":1: is no capture"), (b"hello\n", ":1: is no capture"),
        (write_line(HEADING).replace(b'"capture":1', b'"capture":9'), ":1: is a capture of form 9"),
        (write_line(HEADING) + b"{}\n", ":2: is no exchange"), (write_line(HEADING) + b'{"at"', ":2: the last line is cut off"),
        (
            write_line(HEADING) + write_line(Record("x", Direction.IN, "/", Said(base64="***"))), ":2: is no exchange",
        ),
        (write_line(HEADING) + write_line(Record("x", Direction.IN, "/", Said(text="a", charset="klingon"))), ":2: is no exchange"),
    ],
)  # fmt: skip
def test_broken_file_is_told_with_its_line(tmp_path, lines, problem):
    """File, line and reason."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(lines)
    with pytest.raises(BrokenCapture) as caught:
        list(read_records(path))
    assert str(caught.value).startswith(f"{path}{problem}")


def test_missing_file_is_told(tmp_path):
    """A file that is not there is told as any other."""
    with pytest.raises(BrokenCapture, match="No such file"):
        list(read_records(tmp_path / "none"))
