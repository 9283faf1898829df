"""`vsopgw store`: what a person is told, and how it ends."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.resources import etc_dir
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path):
    """Give an empty store that nobody uses."""
    path = tmp_path / "vsop.sqlite"
    SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act()).close()
    return path


def store(path, act, *arguments, **settings):
    """Run a command on a store; gives exit code and output."""
    values = {"gateway.province": "15", "store.path": path, **settings}
    words = [word for name, value in values.items() for word in ("--set", f"{name.replace('__', '.')}={value}")]
    done = CliRunner().invoke(main, ["store", act, "-c", str(etc_dir() / "provincial.toml"), *words, *map(str, arguments)])
    return done.exit_code, done.output


def test_check_tells_what_is_there(path):
    """A whole store is described in one line."""
    code, output = store(path, "check")
    assert (code, output.startswith(f"{path}: whole. Schema "), "0 orders" in output) == (0, True, True)


def test_check_of_an_absent_store_fails(tmp_path):
    """It makes none: exit 2 and one line."""
    path = tmp_path / "none.sqlite"
    assert (store(path, "check"), path.exists()) == ((2, f"{path} is not there\n"), False)


def test_restore_tells_where_the_old_one_is(path, tmp_path):
    """A back-up is made, put in place, and what was there is named."""
    backed_up = store(path, "backup", "--to", tmp_path / "copy")
    code, output = store(path, "restore", "--from", tmp_path / "copy")
    (aside,) = tmp_path.glob("vsop.sqlite.before-" + "[0-9]" * 14)
    assert (backed_up[0], code, output.splitlines()[1]) == (0, 0, f"what was there: {aside}")


def test_export_replaces_nothing(path, tmp_path):
    """A file that is there is not overwritten: exit 2."""
    (tmp_path / "out").write_text("older")
    code, output = store(path, "export", "--before", "2027-01-01", "--to", tmp_path / "out")
    assert (code, output, (tmp_path / "out").read_text()) == (2, f"{tmp_path}/out is there already\n", "older")


def test_backup_makes_no_directory(path, tmp_path):
    """A directory that is not there is said: exit 2."""
    target = tmp_path / "none" / "copy"
    assert store(path, "backup", "--to", target) == (2, f"{target} cannot be made: its directory does not exist\n")


def test_restore_of_the_database_itself(path):
    """It is no copy: exit 2, and it stays where it is."""
    before = path.read_bytes()
    answer = store(path, "restore", "--from", path)
    assert (answer, path.read_bytes() == before) == ((2, f"{path} is the database itself: name a copy of it\n"), True)


def test_check_of_an_empty_file(path):
    """A file without a byte is no new database: exit 2, as a start would be."""
    path.write_bytes(b"")
    code, output = store(path, "check")
    assert (code, output.startswith(f"{path} is empty: restore it from a copy")) == (2, True)


def test_export_of_an_empty_archive(path, tmp_path):
    """Nothing archived is no error."""
    assert store(path, "export", "--before", "2027-01-01", "--to", tmp_path / "out") == (0, f"{tmp_path}/out: 0 orders\n")


def test_other_stores_are_not_files_of_ours(path):
    """Where orders are kept elsewhere, the command says so and where to read on."""
    code, output = store(path, "check", store__kind="memory")
    assert (code, "see docs/backup.md" in output) == (2, True)
