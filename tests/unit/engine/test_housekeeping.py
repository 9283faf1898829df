"""Old orders are archived and forgotten on a clock that is moved, in small commits, and not while orders need the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import order
from rig import Rig, run, spawn

from gateway.domain.numbers import Number
from gateway.engine.housekeeping import BATCH, BETWEEN, EVERY, MOST_FORGOTTEN, Ageing, Housekeeping
from gateway.engine.ports import InboxRow, RunArchived, StoreFailed

DAY = timedelta(days=1)


class House:
    """A rig with housekeeping over its store."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.quiet = True
        self.commits = []
        self.work = None

    def start(self, **ageing) -> None:
        self.work = Housekeeping(
            self, self.rig.clock, spawn, self.rig.engine._w.events, Ageing(**ageing), quiet=lambda: self.quiet
        )
        self.work.start()

    def __getattr__(self, name):
        return getattr(self.rig.store, name)

    def commit(self, writes):
        self.commits.append(list(writes))
        return self.rig.store.commit(writes)

    def place(self, count: int) -> list[str]:
        """Have orders done, each of a user of its own."""
        placed = [
            replace(order(), id=f"o{n:04d}", number=Number(f"189079{n:05d}"), streaming_no=f"S{n}") for n in range(count)
        ]
        for one in placed:
            self.rig.place(one)
        return [one.id for one in placed]

    def age(self, days: float) -> None:
        self.rig.clock.advance(days * 86_400)

    def left(self) -> int:
        return run(self.rig.store.counts())["ended"]

    def events(self, name: str) -> list[dict]:
        return [fields for event, fields in self.rig.events if event == name]


@pytest.fixture
def house() -> House:
    return House()


def test_old_orders_are_archived(house):
    """So many days after its end an order is in the archive, and not before."""
    house.place(3)
    house.start(archive=DAY)
    house.age(0.99)
    before = house.left()
    house.age(0.02)
    assert (before, house.left(), house.events("runs.archived")) == (3, 0, [{"runs": 3}])


def test_commits_are_small(house):
    """Many old orders go in commits of a bounded size, with a pause between them."""
    house.place(BATCH * 2 + 1)
    house.age(2)
    house.start(archive=DAY)
    house.rig.clock.advance(BETWEEN * 1.5)
    first = house.left()
    house.rig.clock.advance(1)
    assert (first, [len(rows) for rows in house.commits]) == (BATCH + 1, [BATCH, BATCH, 1])


def test_nothing_is_done_while_orders_need_the_room(house):
    """It waits until there is little to do, and then goes on by itself."""
    house.place(1)
    house.age(2)
    house.quiet = False
    house.start(archive=DAY)
    house.rig.clock.advance(600)
    before = house.left()
    house.quiet = True
    house.rig.clock.advance(10)
    assert (before, house.left()) == (1, 0)


def test_nothing_is_looked_for_where_all_is_kept(house):
    """Where everything is kept for ever, no timer runs."""
    house.place(1)
    house.start()
    house.age(1000)
    assert (house.left(), house.commits, house.work._cancel) == (1, [], None)


def test_old_requests_are_forgotten(house):
    """In bounded commits, the oldest first; what is younger is known on."""
    begin = house.rig.clock.now()
    for n in range(MOST_FORGOTTEN + 1):
        run(house.rig.store.commit([InboxRow("211", f"S{n}", "x", "d", "{}", begin)]))
    run(house.rig.store.commit([InboxRow("211", "young", "x", "d", "{}", begin + DAY)]))
    house.start(requests=DAY)
    house.age(1.5)
    assert (len(house.commits), run(house.rig.store.ages()).request) == (2, begin + DAY)


def test_old_archive_is_forgotten(house):
    """An order leaves the archive so many days after its end, not after it was archived."""
    (order_id,) = house.place(1)
    house.start(archive=DAY, archived=2 * DAY)
    house.age(1.9)
    before = run(house.rig.store.order(order_id))
    house.age(0.2)
    assert (before is not None, run(house.rig.store.order(order_id))) == (True, None)


def test_another_process_may_have_been_first(house):
    """What is archived already is passed over without an error."""
    (order_id,) = house.place(1)
    house.age(2)
    found = run(house.rig.store.archivable(house.rig.clock.now(), 9))
    run(house.rig.store.commit([RunArchived(order_id)]))
    run(house.rig.store.commit([RunArchived(run_id) for run_id in found]))
    assert run(house.rig.store.order(order_id)) is not None


def test_failing_store_is_tried_again(house):
    """A full disk, say, is told in the log; the next round comes."""
    house.place(1)
    house.age(2)
    failing = [True]
    commit = house.commit

    def broken(writes):
        if failing.pop(0) if failing else False:
            raise StoreFailed("SQLITE_FULL")
        return commit(writes)

    house.commit = broken
    house.start(archive=DAY)
    house.rig.clock.advance(1)
    before = house.left(), len(house.events("housekeeping.failed"))
    house.rig.clock.advance(EVERY)
    assert (before, house.left()) == ((1, 1), 0)


def refusing(house: House, *bad: str) -> None:
    """Let every commit fail that is to archive one of these."""
    commit = house.commit

    def refuse(writes):
        if any(isinstance(row, RunArchived) and (row.run_id in bad or not bad) for row in writes):
            raise StoreFailed("its journal cannot be read")
        return commit(writes)

    house.commit = refuse


def test_run_that_cannot_be_archived_keeps_no_other(house):
    """Its commit is done again, one by one; it stays and is told by its name."""
    ids = house.place(3)
    house.age(2)
    refusing(house, ids[0])
    house.start(archive=DAY)
    house.rig.clock.advance(1)
    assert (house.left(), [fields.get("run") for fields in house.events("housekeeping.failed")]) == (1, [None, ids[0]])


def test_runs_beyond_those_that_cannot_be_archived(house):
    """Though a whole batch stays, the next rounds come to those that ended after it."""
    ids = house.place(BATCH + 3)
    house.age(2)
    refusing(house, *ids[:BATCH])
    house.start(archive=DAY)
    house.rig.clock.advance(EVERY * 1.5)
    assert house.left() == BATCH


def test_run_that_could_not_be_archived_is_tried_again(house):
    """When what kept it is mended it goes, without a restart."""
    ids = house.place(3)
    house.age(2)
    usual = house.commit
    refusing(house, ids[1])
    house.start(archive=DAY)
    house.rig.clock.advance(EVERY * 2.5)
    house.commit = usual
    house.rig.clock.advance(EVERY * 2)
    assert house.left() == 0


def test_store_that_fails_is_told_once_a_round(house):
    """Where no run goes it is not the runs: a full disk does not fill the log with their names."""
    house.place(BATCH)
    house.age(2)
    refusing(house)
    house.start(archive=DAY)
    house.rig.clock.advance(1)
    assert [set(fields) for fields in house.events("housekeeping.failed")] == [{"error"}]


def test_failing_archive_keeps_nothing_from_being_forgotten(house):
    """Old requests go though no run can be archived."""
    house.place(1)
    house.age(2)
    refusing(house)
    house.start(archive=DAY, requests=DAY)
    house.rig.clock.advance(1)
    assert (house.left(), run(house.rig.store.ages()).request) == (1, None)


def test_error_of_ours_does_not_end_the_rounds(house):
    """Whatever was raised, the next round comes."""
    house.place(1)
    house.age(2)
    archivable = house.rig.store.archivable

    async def broken(before, limit):
        house.archivable = archivable
        raise KeyError("a bug")

    house.archivable = broken
    house.start(archive=DAY)
    with pytest.raises(KeyError):
        house.rig.clock.advance(1)
    house.rig.clock.advance(EVERY)
    assert house.left() == 0


def test_stopped_work_does_not_go_on(house):
    """After the stop nothing is archived any more."""
    house.place(1)
    house.start(archive=DAY)
    house.work.stop()
    house.age(5)
    assert house.left() == 1
