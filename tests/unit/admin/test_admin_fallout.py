"""The fall-out desk's part of the admin API: lists, acts, what is refused, and the log of what was done by hand."""

from __future__ import annotations

import pytest
from fallout_counter import AWAY, Counter
from playbook import order
from rig import run

from gateway.admin import fallout
from gateway.engine.ports import StoreFailed
from gateway.errors import PARTNER_AWAY, Temporary
from gateway.store.memory import MemoryStore


@pytest.fixture
def counter() -> Counter:
    """A province."""
    return Counter()


# ---- list and show -----------------------------------------------------------------------------------------------------


def test_list_names_what_is_parked(counter):
    """Id, the caller's number, what it is about, and why and since when it is parked; the user's number is masked."""
    counter.park()
    assert counter.ask("GET", "fallout") == (
        200,
        [{
            "order": "200150", "channel_order": "W0", "section": "4.1.1", "action": "subscribe", "about": "189****0001",
            "cause": "xplatform:303: serverAction: HTTP 503", "code": PARTNER_AWAY.code, "since": "2026-11-23T12:00:00+08:00",
        }],
    )  # fmt: skip


def test_list_has_a_limit(counter):
    """The oldest come first."""
    counter.park(), counter.park()
    assert [row["order"] for row in counter.ask("GET", "fallout?limit=1")[1]] == ["200150"]


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "limit=1001", "max=1"])
def test_query_of_another_form(counter, query):
    """A mistake of the caller is told, not guessed at."""
    assert counter.ask("GET", f"fallout?{query}")[0] == 400


@pytest.mark.parametrize("name", ["200150", "W0"])
def test_show_by_either_number(counter, name):
    """Ladder, cause and choices of a parked order, found by our id or the channel's."""
    counter.park()
    status, shown = counter.ask("GET", f"fallout/{name}")
    assert (status, shown["order"], shown["leg"]["arrows"][-1]["state"], [c["act"] for c in shown["choices"]]) == (
        200, "200150", "stuck", ["retry", "skip as done", "skip as refused", "cancel"],
    )  # fmt: skip


def test_show_by_a_name_of_any_letters(counter):
    """A channel's number may hold what a path must quote."""
    counter.park(channel_order_id="订单 7/1")
    assert counter.ask("GET", "fallout/%E8%AE%A2%E5%8D%95%207%2F1")[1]["order"] == "200150"


def test_order_that_is_not_parked(counter):
    """An order that goes its way has no place here."""
    counter.rig.place(order())
    status, answer = counter.ask("GET", f"fallout/{order().id}")
    assert (status, answer["error"].endswith("is not parked: it is ended")) == (404, True)


# ---- acts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ({"act": "retry"}, "10F"),
        ({"act": "skip", "code": 0, "why": "seen at the platform"}, "10F"),
        ({"act": "skip", "code": 8001, "why": "seen at the platform"}, "10E"),
        ({"act": "cancel", "why": "the user called"}, "10E"),
    ],
    ids=["retry", "skip as done", "skip as refused", "cancel"],
)
def test_act(counter, act, state):
    """Each act leads the order to its end."""
    placed = counter.park()
    answer = counter.act("W0", **act)
    assert (answer, run(counter.rig.store.order(placed.id)).state, counter.left()) == (
        (200, {"order": placed.id, "act": act["act"]}), state, [],
    )  # fmt: skip


def test_force_where_the_flow_can_go_on(counter):
    """It is refused, and the order stays as it was."""
    counter.park()
    status, answer = counter.act("W0", "cancel", why="in a hurry", force=True)
    assert (status, "without force" in answer["error"], counter.left()) == (409, True, ["200150"])


def test_second_press(counter):
    """What somebody has done already cannot be done again."""
    counter.park()
    counter.act("W0", "retry")
    assert counter.act("W0", "retry")[0] == 409


def test_act_on_nothing(counter):
    """An order that nobody knows."""
    assert counter.act("W9", "retry")[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {"act": "skip", "code": 0}, {"act": "cancel"}, {"act": "cancel", "why": " "},
        {"act": "skip", "why": "seen"}, {"act": "retry", "code": 0}, {"act": "cancel", "why": "asked", "code": 8001},
        {"act": "retry", "who": ""}, {"act": "retry", "who": "w" * 65}, {"act": "retry", "why": "w" * 501}, {"act": "shred"},
        {"act": "retry", "for": "fun"},
    ],
)  # fmt: skip
def test_act_that_is_not_whole(counter, body):
    """Without its reason, its result or its person, nothing is done and nothing is logged."""
    placed = counter.park()
    status, _ = counter.ask("POST", "fallout/W0", {"who": "li", **body})
    assert (status, counter.left(), run(counter.rig.store.audit("", 9))) == (400, [placed.id], [])


@pytest.mark.parametrize("code", [8005, 4, -1])
def test_code_that_is_no_result(counter, code):
    """A step ends with a code of the table that is final."""
    counter.park()
    assert counter.act("W0", "skip", code=code, why="seen")[0] == 409


class FailingStore(MemoryStore):
    """A store that fails when it is told to."""

    failing = False

    async def commit(self, writes) -> None:
        if self.failing:
            raise StoreFailed("disk full")
        await super().commit(writes)


def test_store_that_fails():
    """The person is to try again; the run stays parked."""
    counter = Counter(store=FailingStore())
    placed = counter.park()
    counter.rig.store.failing = True
    assert (counter.act("W0", "retry")[0], counter.left(), counter.events) == (503, [placed.id], ["store.failed"])


# ---- bulk retry --------------------------------------------------------------------------------------------------------


def bulk(counter, **more):
    """Retry what fits."""
    return counter.ask("POST", "fallout", {"act": "retry", "who": "li", "why": "platform is back", **more})


def test_bulk_retry_takes_all(counter):
    """Everything that is parked goes on, each with its line in the log."""
    counter.park(), counter.park()
    status, answer = bulk(counter)
    assert (status, answer["retried"], answer["more"], counter.left()) == (200, 2, False, [])
    assert [(row.who, row.subject) for row in run(counter.rig.store.audit("", 9))] == [("li", "200151"), ("li", "200150")]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"cause": "HTTP 503"}, ["200151", "200152"]),
        ({"party": "xplatform:303"}, ["200151", "200152"]),
        ({"party": "xplatform"}, ["200150", "200151", "200152"]),
        ({"party": "ocs"}, ["200150", "200152"]),
        ({"section": "4.1.3"}, ["200150", "200151"]),
        ({"section": "4.1.1", "cause": "refused"}, ["200150", "200152"]),
    ],
    ids=str,
)
def test_bulk_retry_of_some(counter, wanted, left):
    """Filters go by cause, by who was asked, and by section; all that are given must fit."""
    counter.park()
    counter.park(step="fee-check", failure=Temporary("ocs", "feeCheck: connection refused"))
    counter.park(section="4.1.3", failure=Temporary("vsop:35", "serverAction: deadline passed"))
    bulk(counter, **wanted)
    assert counter.left() == left


def test_bulk_retry_in_turns(counter, monkeypatch):
    """What does not fit into one answer is asked for again; what was parked anew meanwhile is not tried twice."""
    monkeypatch.setattr(fallout, "MOST_RETRIED", 1)
    counter.park(), counter.park()
    counter.rig.partners.answer("activate", AWAY, AWAY)
    counter.rig.clock.advance(60)
    first = bulk(counter)[1]
    counter.rig.clock.advance(60)
    second = bulk(counter, before=first["before"])[1]
    counter.rig.clock.advance(60)
    third = bulk(counter, before=first["before"])[1]
    assert [(a["retried"], a["more"]) for a in (first, second, third)] == [(1, True), (1, False), (0, False)]


@pytest.mark.parametrize("body", [{"why": " "}, {"act": "cancel"}, {"act": "skip"}])
def test_bulk_that_is_not_possible(counter, body):
    """In bulk there is only retry, and it needs its reason."""
    counter.park()
    assert (bulk(counter, **body)[0], len(counter.left())) == (400, 1)


def test_bulk_passes_over_what_another_did(counter):
    """Somebody acts on an order of the list before its turn comes: the others go on, the operator is told."""
    counter.park(), counter.park()
    parked_runs = counter.rig.store.parked_runs

    async def then_somebody_acts(limit):
        found = await parked_runs(limit)
        await counter.rig.engine.fallout.retry("200150", fallout.Hand("wang", ""))
        return found

    counter.rig.store.parked_runs = then_somebody_acts
    assert (bulk(counter)[1]["retried"], "fallout.passed" in [event for event, _ in counter.rig.events]) == (1, True)


# ---- the audit log -----------------------------------------------------------------------------------------------------


def test_audit_of_an_order(counter):
    """Who did what to it, why, and what came of it; the newest first."""
    placed = counter.park()
    counter.rig.partners.answer("activate", AWAY)
    counter.act("W0", "retry")
    counter.act("W0", "skip", code=0, why="seen at the platform")
    status, rows = counter.ask("GET", f"audit?subject={placed.id}")
    assert (status, [(r["who"], r["act"], r["why"], r["outcome"]) for r in rows]) == (
        200, [("li", "fallout.skip", "seen at the platform", "activate done"), ("li", "fallout.retry", "", "goes on")],
    )  # fmt: skip


def test_audit_of_everything_has_a_limit(counter):
    """Without a subject it is the newest of all."""
    counter.park(), counter.park()
    bulk(counter)
    assert [row["subject"] for row in counter.ask("GET", "audit?limit=1")[1]] == ["200151"]


@pytest.mark.parametrize("upload", [{"subscribers": [], "who": "li"}, []], ids=["with a name", "without"])
def test_load_of_subscribers_is_in_the_log(counter, upload):
    """A load is an act as well; who says no name stands without one."""
    counter.ask("POST", "subscribers", upload)
    who = upload["who"] if upload else ""
    assert [(r.who, r.act, r.outcome) for r in run(counter.rig.store.audit("subscribers", 9))] == [
        (who, "subscribers.load", "0 subscribers"),
    ]  # fmt: skip


def test_load_of_the_catalogue_is_in_the_log(counter):
    """With what it brought."""
    counter.ask("POST", "catalogue", {"products": [], "offers": [], "who": "li"})
    assert [(r.who, r.outcome) for r in run(counter.rig.store.audit("catalogue", 9))] == [("li", "0 products, 0 offers, 0 partners")]
