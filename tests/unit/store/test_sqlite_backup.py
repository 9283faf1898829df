"""Copies of a store: consistent while it is written to, whole or not there at all, and put back without a moment of half."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_rows import commit, open_sqlite, order, request, started, wait

from gateway.domain.facts import OrderAccepted
from gateway.engine.ports import RunStarted
from gateway.store import sqlite_backup
from gateway.store.errors import StoreUnusable
from gateway.store.sqlite_backup import back_up, look, restore
from gateway.store.sqlite_file import half_restored, newest_schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the file of a store that holds one order and is closed."""
    path = tmp_path / "vsop.sqlite"
    store = open_sqlite(path)
    commit(store, request(), started(), OrderAccepted(order()))
    store.close()
    return path


def orders(path: Path) -> int:
    store = open_sqlite(path)
    found = len(wait(store.orders_by_trace("t1")))
    store.close()
    return found


def test_look_tells_what_is_there(path: Path) -> None:
    """Schema, orders and requests of a whole file."""
    found = look(path)
    assert (found.schema, found.orders, found.archived, found.requests) == (newest_schema(), 1, 0, 1)


def test_copy_of_a_store_in_use_is_whole(tmp_path: Path) -> None:
    """While a gateway commits without a pause, a copy ends soon and holds every commit as a whole: a run never without its order."""
    store = open_sqlite(tmp_path / "vsop.sqlite")
    enough = threading.Event()

    def write() -> None:
        serial = 0
        while not enough.is_set():
            serial += 1
            one = replace(order(f"o{serial}"), items=())
            commit(store, RunStarted(one.id, "order-x/1", serial, one, one.accepted_at, "me"), OrderAccepted(one))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [back_up(tmp_path / "vsop.sqlite", tmp_path / f"copy{n}") for n in range(5)]
    finally:
        enough.set()
        writer.join()
        store.close()
    with closing(sqlite3.connect(tmp_path / "copy4")) as copy:
        unmatched = copy.execute("SELECT count(*) FROM runs LEFT JOIN orders USING (id) WHERE orders.state IS NULL").fetchone()[0]
    held = [copy.orders for copy in copies]
    assert (held == sorted(held), held[-1] > 0, unmatched) == (True, True, 0)


def test_copy_is_one_file(path: Path, tmp_path: Path) -> None:
    """It can be carried away as it is: nothing of it stands in a log beside it."""
    place = tmp_path / "copies"
    place.mkdir()
    back_up(path, place / "copy")
    assert [file.name for file in place.iterdir()] == ["copy"]


def test_copy_replaces_nothing(path: Path, tmp_path: Path) -> None:
    """An older back-up is not lost to a newer one."""
    (tmp_path / "copy").write_text("older")
    with pytest.raises(StoreUnusable, match="is there already"):
        back_up(path, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "older"


def test_store_is_as_in_the_copy_after_a_restore(path: Path, tmp_path: Path) -> None:
    """What came after the copy is not there any more, and what was replaced is kept aside, whole."""
    back_up(path, tmp_path / "copy")
    store = open_sqlite(path)
    commit(store, OrderAccepted(replace(order("o2"), items=())))
    store.close()
    restore(tmp_path / "copy", path, tmp_path / "aside")
    assert (orders(path), orders(tmp_path / "aside")) == (1, 2)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 60_000)


def test_damaged_store_is_restored(path: Path, tmp_path: Path) -> None:
    """A file that no longer opens is put aside as it is, with its log."""
    back_up(path, tmp_path / "copy")
    damage(path)
    Path(f"{path}-wal").write_bytes(b"rest of a log")
    restore(tmp_path / "copy", path, tmp_path / "aside")
    assert (orders(path), (tmp_path / "aside-wal").read_bytes()) == (1, b"rest of a log")


def test_absent_store_is_restored(path: Path, tmp_path: Path) -> None:
    """Where the disk was lost there is nothing to put aside."""
    back_up(path, tmp_path / "copy")
    path.unlink()
    restore(tmp_path / "copy", path, tmp_path / "aside")
    assert (orders(path), (tmp_path / "aside").exists()) == (1, False)


def test_store_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    """A running gateway keeps its file: the refusal names its process."""
    back_up(path, tmp_path / "copy")
    store = open_sqlite(path)
    with pytest.raises(StoreUnusable, match=r"is in use by process [0-9]+"):
        restore(tmp_path / "copy", path, tmp_path / "aside")
    store.close()


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE things (x)")


def newer(path: Path) -> None:
    open_sqlite(path).close()
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA user_version = 999")


def text(path: Path) -> None:
    path.write_text("This is no database. " * 400)


def damaged(path: Path) -> None:
    store = open_sqlite(path)
    for n in range(300):
        commit(store, request(f"{n:018}"))
    store.close()
    damage(path)


UNFIT: dict[str, tuple[Callable[[Path], None], str]] = {
    "absent": (lambda path: None, "is not there"),
    "of another program": (foreign, "is no database of this program"),
    "newer": (newer, "was written by a newer version of this program"),
    "text": (text, "is not a database"),
    "damaged": (damaged, "(copy is damaged; nothing was changed|store is damaged: restore it from a copy)$"),
    "empty": (Path.touch, "(copy is damaged; nothing was changed|store is empty: restore it from a copy)"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_no_whole_store_is_not_restored(path: Path, tmp_path: Path, kind: str) -> None:
    """The store stays as it is, and nothing is left of the attempt."""
    make, words = UNFIT[kind]
    (tmp_path / "other").mkdir()
    make(tmp_path / "other" / "copy")
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match=words):
        restore(tmp_path / "other" / "copy", path, tmp_path / "aside")
    assert (path.read_bytes(), sorted(file.name for file in tmp_path.iterdir())) == (before, ["other", "vsop.sqlite", "vsop.sqlite.lock"])


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_no_whole_store_is_not_copied(tmp_path: Path, kind: str) -> None:
    """A back-up that could not be restored is never made."""
    make, words = UNFIT[kind]
    make(tmp_path / "store")
    with pytest.raises(StoreUnusable, match=words):
        back_up(tmp_path / "store", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_copy_is_private(path: Path, tmp_path: Path) -> None:
    """A back-up, and what is restored from one, are read by their owner alone, however the file was before."""
    path.chmod(0o644)
    back_up(path, tmp_path / "copy")
    restore(tmp_path / "copy", path, tmp_path / "aside")
    assert [stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "copy", path)] == [0o600, 0o600]


def test_full_disk_leaves_no_half_copy(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that cannot be written is told by its name, and is not there."""
    (tmp_path / "full").mkdir()
    monkeypatch.setattr(sqlite_backup.sqlite3, "connect", _full(sqlite3.connect))
    with pytest.raises(StoreUnusable, match=r"copy\.part was not written: SQLITE_FULL"):
        back_up(path, tmp_path / "full" / "copy")
    assert list((tmp_path / "full").iterdir()) == []


def _full(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    """Open copies that may be no longer than two pages."""

    def opened(name: object, **settings: object) -> sqlite3.Connection:
        connection = connect(name, **settings)
        if str(name).endswith(".part"):
            connection.execute("PRAGMA max_page_count = 2")
        return connection

    return opened


@pytest.mark.parametrize("end", ["-wal", ""])
def test_restore_cut_short_is_run_again(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """Wherever it is cut, the store does not open by half; once it is run again, it does."""
    back_up(path, tmp_path / "copy")
    Path(f"{path}-wal").write_bytes(b"rest of a log")
    rename = Path.rename

    def cut(self: Path, target: Path) -> Path:
        if self == Path(f"{path}{end}"):
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as context:
        context.setattr(Path, "rename", cut)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "copy", path, tmp_path / "aside")
    with pytest.raises(StoreUnusable, match="is half restored"):
        open_sqlite(path)
    restore(tmp_path / "copy", path, tmp_path / "aside2")
    assert (orders(path), half_restored(path).exists()) == (1, False)
