"""A process's door to the disk: what a kill finds written and what it does not, and that reads follow."""

from __future__ import annotations

from random import Random

import pytest
from playbook import NOON
from twisted.internet.defer import Deferred

from gateway.engine.ports import DuplicateRequest, InboxRow
from gateway.sim.reactor import SimReactor
from gateway.sim.stores import SimStore
from gateway.sim.timeline import Life, Timeline
from gateway.sim.weather import Machine
from gateway.store.memory import MemoryStore


class Rig:
    """A disk and one process."""

    def __init__(self):
        self.timeline, self.disk, self.written = Timeline(0.0), MemoryStore(), []
        self.life = Life("a")
        reactor = SimReactor(self.timeline, None, Machine("m"), self.life)
        self.store = SimStore(self.disk, reactor, Random("1"), 1.0, self.written.append, lambda: True)

    def commit(self, number):
        row = InboxRow("211", number, "op", "digest", "{}", NOON)
        return Deferred.fromCoroutine(self.store.commit([row]))

    def until_written(self, count):
        while len(self.written) < count:
            self.timeline.run_until(self.timeline.now + 0.01)


@pytest.fixture
def rig():
    return Rig()


def test_commit_is_written_before_it_is_known(rig):
    """Between the two a kill finds the order stored and nobody told."""
    known = rig.commit("1")
    rig.until_written(1)
    assert not known.called
    rig.timeline.run_until(100.0)
    assert known.called


def test_commits_keep_their_order(rig):
    """One after the other, as a writer does them."""
    for number in "123":
        rig.commit(number)
    rig.timeline.run_until(100.0)
    assert [writes[0].streaming_no for writes in rig.written] == ["1", "2", "3"]


def test_commit_under_way_dies_with_its_process(rig):
    """Nothing of it is written, and nobody waits for an answer."""
    known = rig.commit("1")
    rig.timeline.end(rig.life)
    rig.timeline.run_until(100.0)
    assert (rig.written, known.called) == ([], False)


def test_refusal_comes_through(rig):
    """What the store refuses is raised, and is not told as written."""
    rig.commit("1")
    again = rig.commit("1")
    failures = []
    again.addErrback(lambda failure: failures.append(failure.type))
    rig.timeline.run_until(100.0)
    assert (failures, len(rig.written)) == ([DuplicateRequest], 1)


def test_reads_follow_their_names(rig):
    """Every read of the port is there, and takes its time."""
    rig.commit("1")
    rig.timeline.run_until(100.0)
    found = Deferred.fromCoroutine(rig.store.inbox("211", "1"))
    assert not found.called
    rig.timeline.run_until(200.0)
    assert found.result.operation == "op"
