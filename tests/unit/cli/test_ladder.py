"""Ladders: legs of all tiers joined in the seed's order, drawn for people, and compared with what the seed demands."""

from __future__ import annotations

import re

import pytest

from gateway.flows.sections import SECTIONS
from gateway.ladders.cases import draw, first_leg, missing, name, rows

TIME = "2026-11-23T12:00:{:02d}.000+08:00"


def arrow(number, sender="vsop:15", receiver="ocs", text="message", second=0, state="done", **more):
    return {
        "number": number, "sender": sender, "receiver": receiver, "text": text, "at": TIME.format(second), "state": state, "code": 0,
        "attempts": 1, "note": "", **more,
    }  # fmt: skip


def leg(*arrows, section="4.1.1", place="vsop:15", order_id="T", **more):
    return {
        "order_id": order_id, "trace_id": "T", "section": section, "action": "subscribe", "channel": "211", "channel_order_id": "W1",
        "streaming_no": "211000001", "number": "189****0001", "prepaid": True, "place": place, "state": "10F", "code": 0, "run": "ended",
        "arrows": list(arrows), **more,
    }  # fmt: skip


def x_order(**more):
    """A whole order of 4.1.1 as the province saw it, a step a second from 12:00:01."""
    numbers = ["2a", "2b", "2c", "2d", "2e", "2f", "2g", "2h"]
    return leg(*(arrow(n, second=s) for s, n in enumerate(numbers, 1)), **more)


def all_seen(step, begun):
    """A witness who saw each step outside VSOP in its turn."""
    return TIME.format({"1": 0, "2i": 30}[step.number])


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_leg_where_the_order_began():
    """The leg whose order id is the end-to-end id stands for the order, wherever it is in the list."""
    legs = [leg(order_id="G", place="vsop:35"), leg()]
    assert first_leg(legs)["place"] == "vsop:15"


def test_legs_are_joined_by_number():
    """The group's steps stand between the province's, as the seed has them."""
    province = leg(arrow("2c"), arrow("3b"), arrow("3c"), section="4.1.3")
    group = leg(arrow("2d"), arrow("2e"), arrow("3a"), section="4.1.3", order_id="G", place="vsop:35")
    shown = [(row["number"], row["tier"]) for row in rows([group, province]) if row["tier"]]
    assert shown == [
        (n, "vsop:35" if n in ("2d", "2e", "3a") else "vsop:15") for n in ("2c", "2d", "2e", "3a", "3b", "3c")
    ]


def test_step_of_ours_stands_by_its_number():
    """A step that the seed does not demand stands where its number would."""
    shown = rows([leg(arrow("3d", second=4), arrow("+3e", second=5), section="4.1.2")], lambda step, begun: None)
    assert [row["number"] for row in shown] == ["3d", "+3e"]


def test_steps_of_one_number_stand_by_time():
    """Two reports of one order come in the order in which they came."""
    shown = rows(
        [leg(arrow("3b", second=5, text="late"), arrow("3b", second=4, text="early"))], lambda step, begun: None
    )
    assert [row["text"] for row in shown] == ["early", "late"]


def test_steps_outside_without_a_witness():
    """Nobody was asked: they stand as outside VSOP, without a time."""
    shown = [(row["number"], row["state"], row["at"]) for row in rows([x_order()]) if not row["tier"]]
    assert shown == [("1", "outside", None), ("2i", "outside", None)]


def test_steps_outside_with_a_witness():
    """Who saw them gives their times: they are done like any other."""
    shown = [(row["number"], row["state"], row["at"]) for row in rows([x_order()], all_seen) if not row["tier"]]
    assert shown == [("1", "done", TIME.format(0)), ("2i", "done", TIME.format(30))]


def test_step_that_the_witness_did_not_see():
    """It did not happen, so it is not shown."""
    shown = rows([x_order()], lambda step, begun: None)
    assert len(shown) > 1
    assert all(row["tier"] for row in shown)


@pytest.mark.parametrize(
    ("more", "shown"), [({}, True), ({"prepaid": False}, False), ({"action": "unsubscribe"}, False)]
)
def test_fee_check_outside(more, shown):
    """ISMP asks OCS itself, for subscriptions of prepaid users only."""
    numbers = [row["number"] for row in rows([leg(arrow("2b", receiver="ismp:204"), section="4.1.2", **more)])]
    assert ("2c" in numbers) is shown


def test_parties_of_steps_outside():
    """The channel and the ISMP of a step outside are those of this order."""
    shown = {
        row["number"]: (row["sender"], row["receiver"])
        for row in rows([leg(arrow("2b", receiver="ismp:205"), section="4.1.2")])
    }
    assert (shown["1"], shown["2c"], shown["2d"]) == (
        ("user", "channel:211"),
        ("ismp:205", "ocs"),
        ("ismp:205", "ismp:205"),
    )


# ---- drawing ---------------------------------------------------------------------------------------------------------

NAMES = {
    "vsop:35": "VSOP group 集团", "vsop:15": "VSOP Jiangxi", "ocs": "OCS", "channel:211": "portal 网厅", "xplatform:303": "X platform 303",
    "crm": "CRM", "provisioning": "provisioning 开通", "ppm": "PPM",
    "ismp:204": "ISMP 204", "smshall": "SMS hall 短厅", "user": "user 用户",
}  # fmt: skip


@pytest.mark.parametrize("party", NAMES)
def test_name(party):
    """Parties are named as people know them."""
    assert name(party) == NAMES[party]


HEADS = {
    "executing": ({"state": "10A"}, "order T  subscribe  189****0001  executing 执行中"),
    "completed": ({}, "order T  subscribe  189****0001  completed 竣工"),
    "not confirmed yet": ({"state": "00B"}, "order T  subscribe  189****0001  unconfirmed 待确认"),
    "failed": (
        {"state": "10E", "code": 6001},
        "order T  subscribe  189****0001  failed 异常: [6001] the balance is not above zero",
    ),
}


@pytest.mark.parametrize("case", HEADS)
def test_head(case):
    """Section in both languages, then what the order is and how it stands."""
    more, line = HEADS[case]
    assert draw([leg(**more)]).split("\n")[:2] == [
        "4.1.1 portal order of a provincial product, X platform / 网厅发起的省级纯增值业务订购(X平台产品)",
        line,
    ]


def test_unsubscription_is_told_in_its_own_words():
    """The seed tells subscriptions alone; a ladder of an unsubscription says 退订."""
    title = draw([leg(action="unsubscribe")]).split("\n")[0]
    assert title == "4.1.1 portal unsubscription of a provincial product, X platform / 网厅发起的省级纯增值业务退订(X平台产品)"


WORDS = {
    "suspend": "网厅发起的省级纯增值业务暂停(X平台产品)", "resume": "网厅发起的省级纯增值业务恢复(X平台产品)",
    "subscribe": "网厅发起的省级纯增值业务订购(X平台产品)",
}  # fmt: skip


@pytest.mark.parametrize("action", WORDS)
def test_other_acts_have_words_of_their_own(action):
    """So do suspension and resumption."""
    assert draw([leg(action=action)]).split("\n")[0].partition(" / ")[2] == WORDS[action]


def test_bundle_keeps_its_words():
    """Sections of CRM tell cancellations themselves: names of operations stay as they are."""
    drawn = draw([leg(section="3.2.3", channel="206", action="unsubscribe")])
    assert ("bundle cancellation" in drawn, "submitCustomerOrder" in drawn, "unsubscription" in drawn) == (True, True, False)


def test_head_of_a_change():
    """What is no order is called a change; of the catalogue, the object is named."""
    drawn = draw([leg(section="2.1", channel="201", action="product added", number="product P1")], lambda step, begun: None)
    assert drawn.split("\n")[1] == "change T  product added  product P1  completed 竣工"


LINES = {
    "done": (arrow("2b"), "(2b) VSOP Jiangxi → OCS message 12:00:00.000 ok"),
    "own act": (arrow("2e", receiver="vsop:15", text="completion (竣工)"), "(2e) VSOP Jiangxi (own act) completion (竣工) 12:00:00.000 ok"),
    "several attempts": (arrow("2b", attempts=3), "(2b) VSOP Jiangxi → OCS message 12:00:00.000 ok, attempt 3"),
    "refused by a code of ours": (
        arrow("2b", state="refused", code=8001),
        "(2b) VSOP Jiangxi → OCS message 12:00:00.000 refused, [8001] the service platform refused",
    ),
    "refused by a code of nobody": (arrow("2b", state="refused", code=136), "(2b) VSOP Jiangxi → OCS message 12:00:00.000 refused, [136]"),
    "refused in time": (arrow("3b", state="refused"), "(3b) VSOP Jiangxi → OCS message 12:00:00.000 refused"),
    "waiting": (
        arrow("2b", state="waiting", attempts=3, note="down; attempt 2, next 12:00:02"),
        "(2b) VSOP Jiangxi → OCS message 12:00:00.000 waiting, down; attempt 2, next 12:00:02",
    ),
    "stuck": (arrow("2b", state="stuck", note="our error"), "(2b) VSOP Jiangxi → OCS message 12:00:00.000 STUCK, our error"),
    "under way": (arrow("2b", state="under way"), "(2b) VSOP Jiangxi → OCS message 12:00:00.000 under way"),
    "text of a partner is not drawn where it is done": (arrow("2b", note="their text"), "(2b) VSOP Jiangxi → OCS message 12:00:00.000 ok"),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_line(case):
    """Number, who to whom, what, when, and how it went."""
    row, line = LINES[case]
    drawn = draw([leg(row)], lambda step, begun: None).split("\n")[2]
    assert re.sub(r"\s+", " ", drawn).strip() == line


def test_line_outside():
    """A step that VSOP does not see says so."""
    assert re.sub(r"\s+", " ", draw([leg()]).split("\n")[2]).strip().endswith("(订购, 二次确认) outside VSOP")


def test_columns_stand_below_each_other():
    """Chinese characters take two columns: the times of all lines begin in the same one."""
    drawn = draw(
        [leg(arrow("2a", sender="channel:211", receiver="vsop:35", text="订购"), arrow("2b"))], lambda step, begun: None
    )
    columns = {
        sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in line[: line.index("12:00")])
        for line in drawn.split("\n")[2:]
    }
    assert len(columns) == 1


# ---- comparing with the seed -----------------------------------------------------------------------------------------


def test_whole_order():
    """Every step once, in order, done: nothing is missing."""
    assert missing([x_order()], all_seen) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_happened(section):
    """Of a case without arrows, every step of its section is missing, but for those that only some cases have."""
    assert missing([leg(section=section)], lambda step, begun: None) == [
        f"step {n} is missing" for n in SECTIONS[section].numbers if n not in SECTIONS[section].optional
    ]


def without(begun, number):
    return {**begun, "arrows": [a for a in begun["arrows"] if a["number"] != number]}


def changed(begun, number, **changes):
    return {**begun, "arrows": [{**a, **changes} if a["number"] == number else a for a in begun["arrows"]]}


WRONG = {
    "step left out": (without(x_order(), "2f"), ["step 2f is missing"]),
    "step twice": (leg(*x_order()["arrows"], arrow("2f", second=6)), ["step 2f stands 2 times"]),
    "step of another section": (leg(*x_order()["arrows"], arrow("3a", second=31)), ["step 3a stands 1 times"]),
    "out of order": (changed(x_order(), "2c", at=TIME.format(9)), ["the steps' times are not in the seed's order"]),
    "refused": (changed(x_order(), "2f", state="refused"), ["step 2f is refused"]),
    "waiting": (changed(x_order(), "2h", state="waiting"), ["step 2h is waiting"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case):
    """Each deviation from the section is told."""
    begun, expected = WRONG[case]
    assert missing([begun], all_seen) == expected


def test_steps_of_ours_may_be_there():
    """What we do beyond the seed is no deviation."""
    assert missing([leg(*x_order()["arrows"], arrow("+2h", second=9))], all_seen) == []


def test_fee_check_of_a_postpaid_user():
    """A postpaid user's balance is not checked: the step is not missed, and would be too much."""
    postpaid = x_order(prepaid=False)
    assert (missing([without(postpaid, "2b")], all_seen), missing([postpaid], all_seen)) == (
        [],
        ["step 2b stands 1 times"],
    )


def test_step_outside_that_nobody_saw():
    """The user's SMS belongs to the order."""
    assert missing([x_order()], lambda step, begun: None if step.number == "2i" else TIME.format(0)) == [
        "step 2i is missing"
    ]


# ---- steps that repeat -----------------------------------------------------------------------------------------------


def user_change(*more):
    """A whole case of the second 3.1, with two platforms that are told, a step a second."""
    numbers = [("2b", 2), ("3a", 3), ("3b", 4), ("3c", 5), ("3c", 8), *more]
    return leg(*(arrow(n, second=s) for n, s in numbers), section="3.1b", channel="206", action="torn down")


def others_of_the_change(step, begun):
    """CRM and provisioning first, then a platform, before the second one is told."""
    return TIME.format({"1": 0, "2a": 1, "4": 6}[step.number])


def test_step_for_each_party():
    """A step that a section has once for each party may stand several times, and what follows it may follow each of them."""
    assert missing([user_change()], others_of_the_change) == []


def test_step_of_ours_in_between():
    """The same holds for what the group does."""
    assert missing([user_change(("+3c", 9))], others_of_the_change) == []


def test_first_of_several_is_out_of_order():
    """The first of them must still come after what the seed has before it."""
    early = changed(user_change(), "3b", at=TIME.format(7))
    assert missing([early], others_of_the_change) == ["the steps' times are not in the seed's order"]


def test_steps_that_only_some_cases_have():
    """An order of several platforms has the group's steps only if one of its products is national."""
    numbers = ["2a", "2c", "3c", "3e", "3g", "3h", "3i"]
    mixed = leg(*(arrow(n, second=s) for s, n in enumerate(numbers, 1)), section="4.1")
    assert missing([mixed], lambda step, begun: TIME.format(0)) == []


def test_platform_of_an_outside_step():
    """What the platforms do by themselves is shown with one that was told."""
    told = leg(arrow("3c", receiver="ismp:204"), section="3.1b", channel="206")
    (shown,) = [row for row in rows([told], others_of_the_change) if row["number"] == "4"]
    assert (shown["sender"], shown["receiver"]) == ("ismp:204", "ismp:204")


def test_ismp_that_brought_the_case():
    """The ISMP that configures is the one that told PPM."""
    told = leg(arrow("1b", sender="ismp:204", receiver="ppm"), section="2.2", channel="204")
    assert next(row for row in rows([told]) if row["number"] == "1a")["sender"] == "ismp:204"
