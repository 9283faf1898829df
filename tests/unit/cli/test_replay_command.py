"""What `vsopgw replay` and `vsopgw capture mask` say to who uses them wrongly; the story in tests/partners runs them rightly."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.capture.pseudonyms import Pseudonyms
from gateway.cli.main import main

HEADING = '{"capture":1,"gateway":"vsop-15","began":"2026-11-24T12:00:00.000+08:00","masked":true,"key":"ab"}\n'


@pytest.fixture
def vsopgw(tmp_path, monkeypatch):
    """Runs a command in a directory of its own; gives exit code and what is told."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        return done.exit_code, done.output

    return run


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "day.jsonl:1: No such file or directory"), ("hello\n", "day.jsonl:1: is no capture"),
        (HEADING.replace('"capture":1', '"capture":2'), "day.jsonl:1: is a capture of form 2; this version reads form 1"),
        (HEADING.replace("2026-11-24T12:00:00.000+08:00", "today"), "day.jsonl:1: its heading does not say when it began"),
    ],
)  # fmt: skip
def test_file_that_is_no_capture(vsopgw, tmp_path, text, told):
    """File, line, reason; exit 2."""
    if text is not None:
        (tmp_path / "day.jsonl").write_text(text)
    code, output = vsopgw("replay", "day.jsonl", "--against", "http://127.0.0.1:9")
    assert (code, told in output) == (2, True), output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--against", "gateway"), "is no address"), (("--against", "https://gw"), "needs --ca"),
        (("--against", "http://gw", "--speed", "0"), "neither max nor"),
        (("--against", "http://gw", "--speed", "fast"), "neither max nor"), (("--against", "http://gw", "--map", "x"), "is not OLD=NEW"),
        (("--against", "http://gw", "--username", "u"), "--username and --password-file go together"),
        (("--against", "http://gw", "--ignore", "none.toml"), "none.toml: No such file"), ((), "Missing option '--against'"),
    ],
)  # fmt: skip
def test_option_that_cannot_be(vsopgw, tmp_path, options, told):
    """Each is told by what is wrong with it; exit 2."""
    (tmp_path / "day.jsonl").write_text(HEADING)
    code, output = vsopgw("replay", "day.jsonl", *options)
    assert (code, told in output) == (2, True), output


def test_files_are_masked_with_the_capture_s_key(vsopgw, tmp_path):
    """A file of subscribers gets the pseudonyms that a capture of the same key has."""
    key = tmp_path / "capture.key"
    key.touch(mode=0o600)
    key.write_text("k" * 20)
    (tmp_path / "s.toml").write_text('number = "18907910001"  # 您\nbalance = 5000\n')
    code, _ = vsopgw("capture", "mask", "s.toml", "masked.toml", "--key", key)
    other = Pseudonyms(b"k" * 20).number("18907910001")
    assert (code, (tmp_path / "masked.toml").read_text()) == (0, f'number = "{other}"  # 您\nbalance = 5000\n')


@pytest.mark.parametrize(
    ("mode", "text", "told"), [(0o644, "k" * 20, "others may read this key"), (0o600, "short", "16 characters or more")]
)
def test_key_that_cannot_be_used(vsopgw, tmp_path, mode, text, told):
    """One that others may read, or could guess; exit 2."""
    (tmp_path / "s.toml").write_text("")
    (tmp_path / "key").write_text(text)
    (tmp_path / "key").chmod(mode)
    code, output = vsopgw("capture", "mask", "s.toml", "m.toml", "--key", "key")
    assert (code, told in output) == (2, True), output
