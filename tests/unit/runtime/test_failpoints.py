"""Failpoints: nothing unless configured, and then the end of the process at exactly the named edge."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from gateway.engine.ports import Holding, LeaseKept, RunWaiting, SignalArrived
from gateway.engine.rows import RunEnded, RunState
from gateway.runtime.failpoints import boundary, edged
from gateway.steps import Reply

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_off():
    """Without configuration no edge does anything."""
    assert boundary("")("after-effect", "activate") is None


@pytest.mark.parametrize(
    "edge", [("before-effect", "activate"), ("after-effect", "archive"), ("after-effect", "activate")]
)
def test_other_edges_are_passed(edge):
    """Another moment, another step, and the first of two times: the process lives."""
    assert boundary("after-effect:activate:2")(*edge) is None


def test_named_edge_kills():
    """The second time that the moment of the step is reached, the process is gone as by kill -9."""
    program = (
        "from gateway.runtime.failpoints import boundary\nreached = boundary('after-effect:activate:2')\n"
        "reached('after-effect', 'activate')\nprint('once', flush=True)\nreached('after-effect', 'activate')\nprint('twice', flush=True)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (-9, "once\n")


# ---- a directory that tells and asks ---------------------------------------------------------------------------------


def test_reached_edges_are_told(tmp_path):
    """Each edge is a line of the directory's file `reached`."""
    reached = boundary("", str(tmp_path))
    reached("before-effect", "activate")
    reached("after-effect", "activate")
    assert (tmp_path / "reached").read_text() == "before-effect:activate\nafter-effect:activate\n"


PROGRAM = """
import sys
from pathlib import Path
from gateway.runtime.failpoints import boundary
reached = boundary("", sys.argv[1])
asked = Path(sys.argv[1], "kill")
reached("before-effect", "test-vsop:21")
asked.write_text("before-effect:test-vsop:21:2 the first")
reached("before-effect", "test-vsop:21")
asked.unlink()
reached("before-effect", "test-vsop:21")
asked.write_text("before-effect:test-vsop:21:1 the second")
print("lives", flush=True)
reached("before-effect", "test-vsop:21")
print("lives on", flush=True)
"""


def test_kill_is_asked_for_while_it_runs(tmp_path):
    """A kill is counted from when its file came, is off when that goes, and takes the file with it; a step's name may have colons."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, (tmp_path / "kill").exists()) == (-9, "lives\n", False)


# ---- commits that belong to no step ----------------------------------------------------------------------------------


class Written:
    """A store that notes its commits among the edges."""

    def __init__(self):
        self.diary = []

    async def commit(self, writes):
        self.diary.append("commit")

    def counts(self):
        return "counts"


def edges_of(*writes):
    store = Written()
    asyncio.run(edged(store, lambda moment, step: store.diary.append(f"{moment}:{step}")).commit(writes))
    return store.diary


ARRIVED = SignalArrived("o1", "activate", Reply(NOON))


@pytest.mark.parametrize("rows", [(ARRIVED,), (Holding("o1", 3), ARRIVED), (ARRIVED, RunWaiting("o1", NOON, 0, ""))])
def test_commit_without_a_step_has_two_edges(rows):
    """They bear the name of the first row that is not about who may write."""
    assert edges_of(*rows) == ["before-commit:SignalArrived", "commit", "after-commit:SignalArrived"]


@pytest.mark.parametrize("rows", [(RunEnded("o1", RunState.ENDED, 0, "", NOON),), (LeaseKept("jiangxi", "t", 10.0),)])
def test_commit_of_a_step_or_of_a_lease_has_none(rows):
    """The engine tells those of steps; a sign of life comes when it likes."""
    assert edges_of(*rows) == ["commit"]


def test_all_else_is_the_stores():
    """Reads go through."""
    assert edged(Written(), lambda moment, step: None).counts() == "counts"
