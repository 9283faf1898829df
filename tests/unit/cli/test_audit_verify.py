"""`vsopgw audit verify`: what a person is told, and how it ends."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.engine.ports import AuditKept
from gateway.resources import etc_dir
from gateway.store.audit_files import walk_file
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore

ROWS = [AuditKept(datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "li", "fallout.retry", f"o{n}", "mended", "done") for n in range(3)]


@pytest.fixture
def path(tmp_path):
    """Give a database with three rows in its audit log."""
    path = tmp_path / "vsop.sqlite"
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act())
    waited = store.commit(ROWS).__await__()
    with pytest.raises(StopIteration):
        next(waited)
    store.close()
    return path


def verify(*arguments):
    """Run the command; gives exit code and output."""
    done = CliRunner().invoke(main, ["audit", "verify", *map(str, arguments)])
    return done.exit_code, done.output


def test_log_that_holds(path):
    """Exit 0, the number of rows and the head."""
    assert verify("--database", path) == (0, f"3 rows of the audit log hold; head {walk_file(path).head}\n")


def test_log_is_found_by_the_configuration(path):
    """The store that the gateway uses."""
    code, output = verify("-c", etc_dir() / "provincial.toml", "--set", "gateway.province=15", "--set", f"store.path={path}")
    assert (code, output.startswith("3 rows")) == (0, True)


def test_log_that_was_changed(path):
    """Exit 1, and the first row that does not hold, with its time."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TRIGGER audit_stays")
        other.execute("UPDATE audit SET who = 'wang' WHERE seq = 2")
        other.commit()
    code, output = verify("--database", path)
    first = output.splitlines()[1]
    assert (code, first) == (1, "row 2 of 2026-11-24T11:00:00+08:00: its content is not what was hashed when it was written")


def test_log_that_was_cut_off(path):
    """Without the kept head it holds; with it, exit 1 and the reasons that there can be."""
    head = walk_file(path).head
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TRIGGER audit_is_kept")
        other.execute("DELETE FROM audit WHERE seq = 3")
        other.commit()
    assert verify("--database", path)[0] == 0
    code, output = verify("--database", path, "--from", head)
    assert (code, output.splitlines()[1].partition(":")[0]) == (1, "no row of the chain has that hash")


def test_kept_head_stands_in_the_chain(path):
    """Exit 0 also when it was kept in capitals."""
    assert verify("--database", path, "--from", walk_file(path).head.upper())[0] == 0


def test_result_as_json(path):
    """For a program: the same facts under their names."""
    code, output = verify("--database", path, "-o", "json")
    assert (code, json.loads(output)) == (0, {"rows": 3, "head": walk_file(path).head, "broken": None, "kept": True})


@pytest.mark.parametrize("arguments", [(), ("--database", "x", "-c", "y")])
def test_one_place_has_to_be_named(arguments):
    """Exit 2."""
    assert verify(*arguments) == (2, "say whose log: -c CONFIG or --database FILE|URL, one of them\n")


def test_file_that_is_not_there(tmp_path):
    """Exit 2 and one line; none is made."""
    assert verify("--database", tmp_path / "none") == (2, f"{tmp_path}/none is not there\n")
    assert not (tmp_path / "none").exists()
