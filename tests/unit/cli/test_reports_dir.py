"""Where reports are to go: known to be writable before a run begins."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli.errors import UsageFailed
from gateway.cli.main import main
from gateway.cli.reports_dir import make_reports_dir


def test_directories_are_made(tmp_path):
    """With those above them; one that is there may stay."""
    for _ in range(2):
        make_reports_dir(tmp_path / "a/b")
    assert (tmp_path / "a/b").is_dir()


def test_what_cannot_be_made_is_told(tmp_path):
    """A file is in the way: exit 2, in words of the system without its numbers."""
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageFailed) as failed:
        make_reports_dir(tmp_path / "a/b")
    assert failed.value.format_message() == f"--out {tmp_path}/a/b: cannot be made: not a directory"


def test_the_kit_looks_before_it_runs(tmp_path):
    """Nothing is sent to a partner if the report cannot be written: no case is told."""
    (tmp_path / "a").write_text("")
    done = CliRunner().invoke(main, ["kit", "run", "--role", "ocs", "--url", "http://127.0.0.1:9/x", "--out", str(tmp_path / "a/b")])
    assert (done.exit_code, done.output.startswith("--out ")) == (2, True)
