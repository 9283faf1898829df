"""The capture in the admin API."""

from __future__ import annotations

import asyncio
from datetime import datetime
from types import SimpleNamespace

import msgspec
import pytest

from gateway.admin.capture import resources
from gateway.admin.problems import Problem
from gateway.capture.capture import Shown
from gateway.capture.recording import Choice
from gateway.store.memory import MemoryStore
from gateway.vocabulary import CHINA


class Switch:
    """A capture that only remembers how it stands."""

    def __init__(self):
        self.running, self.chosen = False, None

    def start(self, choice):
        self.running, self.chosen = True, choice

    def stop(self):
        self.running = False

    def show(self):
        return Shown(self.running, True, "f.jsonl", "", 0, 0, "", [], [], 0)


class Admin:
    """The resources, with what they act on."""

    def __init__(self):
        self.switch, self.store = Switch(), MemoryStore()
        desk = SimpleNamespace(store=self.store, clock=SimpleNamespace(now=lambda: datetime(2026, 11, 24, tzinfo=CHINA)))
        self.acts = resources(self.switch, Choice(contracts=frozenset({"vsop"})), desk)

    def act(self, **body):
        return asyncio.run(self._act(body))

    async def _act(self, body):
        return await self.acts["POST", "capture"]("", msgspec.json.encode({"who": "li", "why": "load of tonight", **body}))

    def audit(self):
        return [(line.who, line.act, line.subject) for line in asyncio.run(self.store.audit("capture", 10))]


@pytest.fixture
def admin():
    """Those of one gateway."""
    return Admin()


def test_start_chooses_what_is_named(admin):
    """What is not named stays as it is configured; numbers come in the form that messages have."""
    admin.act(act="start", numbers=["+8618907910001"])
    assert admin.switch.chosen == Choice(frozenset({"vsop"}), frozenset(), frozenset({"18907910001"}))


def test_acts_are_audited(admin):
    """Who, and what; the newest first."""
    admin.act(act="start")
    admin.act(act="stop")
    assert admin.audit() == [("li", "capture.stop", "capture"), ("li", "capture.start", "capture")]


@pytest.mark.parametrize(("first", "second", "status"), [((), "stop", 409), (("start",), "start", 409)])
def test_act_without_effect_is_refused(admin, first, second, status):
    """Starting what runs, or stopping what does not."""
    for act in first:
        admin.act(act=act)
    with pytest.raises(Problem) as caught:
        admin.act(act=second)
    assert caught.value.status == status


def test_number_that_is_none_is_refused(admin):
    """A mistyped number would record nothing."""
    with pytest.raises(Problem, match="not a subscriber number"):
        admin.act(act="start", numbers=["12"])
