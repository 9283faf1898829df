"""Ladders: legs of all tiers joined in the seed's order, drawn for people, and compared with what the seed demands."""

from __future__ import annotations

import re

import pytest

from gateway.cli.ladder import draw, first_leg, missing, name, rows
from gateway.flows.sections import SECTIONS

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
    assert all(row["tier"] for row in rows([x_order()], lambda step, begun: None))


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
    "ismp:204": "ISMP 204", "smshall": "SMS hall 短厅", "user": "user 用户", "crm": "CRM", "provisioning": "provisioning", "ppm": "PPM",
    "billing": "billing 计费", "channel:212": "seat 10000", "vsop:21": "VSOP Guangxi", "platform": "platform",
}  # fmt: skip


@pytest.mark.parametrize("party", NAMES)
def test_name(party):
    """Parties are named as people know them."""
    assert name(party) == NAMES[party]


HEADS = {
    "waiting for the user": ({"state": "00B"}, "order T  subscribe  189****0001  unconfirmed 待确认"),
    "executing": ({"state": "10A"}, "order T  subscribe  189****0001  executing 执行中"),
    "completed": ({}, "order T  subscribe  189****0001  completed 竣工"),
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
    assert (
        title
        == "4.1.1 portal unsubscription of a provincial product, X platform / 网厅发起的省级纯增值业务退订(X平台产品)"
    )


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
    """Of an order without arrows, every step of its section is missing."""
    assert missing([leg(section=section)], lambda step, begun: None) == [
        f"step {n} is missing" for n in SECTIONS[section].numbers
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


# ---- other matters ---------------------------------------------------------------------------------------------------


def seen_from(begins, **others):
    """A witness who saw the steps outside VSOP at these seconds; those named in `others`, such as s1a, elsewhere."""

    def at(step, begun):
        return TIME.format(others.get(f"s{step.number}", begins))

    return at


def user_change(*notices, **more):
    """A whole change of a user, with a notice to each platform."""
    begun = leg(
        arrow("2b", "provisioning", "vsop:15", "workListFKToVSOP", 2), arrow("3a", receiver="vsop:15", second=3),
        arrow("3b", receiver="provisioning", second=4), section="3.1b", channel="206", action="state changed", **more,
    )  # fmt: skip
    told = [
        leg(
            arrow("3c", receiver=to, second=5 + n),
            section="3.1b",
            channel="200",
            order_id=f"T.{n}",
            action="state changed",
            **more,
        )
        for n, to in enumerate(notices)
    ]
    return [begun, *told]


SEEN_USER = seen_from(0, s2a=1, s4=9)


@pytest.mark.parametrize("notices", [["xplatform:303"], ["xplatform:303", "ismp:204", "vsop:35"]])
def test_whole_change_of_a_user(notices):
    """Each platform hears once: the step may be there several times."""
    assert missing(user_change(*notices), SEEN_USER) == []


def test_change_of_a_user_of_which_nobody_hears():
    """A user who holds nothing: no platform is told, and the comparison with the seed says so."""
    assert missing(user_change(), SEEN_USER) == ["step 3c is missing"]


@pytest.mark.parametrize("prepaid", [True, False])
def test_fee_is_no_matter_of_a_user_change(prepaid):
    """How the user pays adds and takes no step."""
    assert missing(user_change("xplatform:303", prepaid=prepaid), SEEN_USER) == []


def test_parties_of_a_user_change():
    """CRM and provisioning by name; the platform is the one that was told."""
    shown = {
        row["number"]: (row["sender"], row["receiver"]) for row in rows(user_change("xplatform:304")) if not row["tier"]
    }
    assert shown == {
        "1": ("crm", "provisioning"),
        "2a": ("provisioning", "crm"),
        "4": ("xplatform:304", "xplatform:304"),
    }


def test_platform_of_a_user_change_may_be_ismp():
    """Where no X platform is met, ISMP stands for the platform."""
    shown = {row["number"]: row["sender"] for row in rows(user_change("ismp:204"))}
    assert shown["4"] == "ismp:204"


def test_group_of_a_user_change():
    """What the group does further stands beside the province's notice, as ours."""
    group = leg(arrow("+3c", "vsop:35", "xplatform:303", second=8), section="3.1b", order_id="G", place="vsop:35")
    assert missing([*user_change("vsop:35"), group], SEEN_USER) == []


PUBLICATION = ["1", "2a", "2b", "2c", "3a", "3b", "4a", "4a", "4b", "4c", "4d", "5a", "5b", "6a", "6b", "6c", "6d"]


def publication(numbers=PUBLICATION, section="2.1"):
    """A product on its way to everybody, and its suspension; two VSOPs hear of it."""
    told = [arrow(n, "ppm", "crm", second=s) for s, n in enumerate(numbers)]
    return leg(*told, section=section, action="product added", channel="201", number="product P1", prepaid=False)


def test_whole_publication():
    """Every VSOP hears of it, so the step may be there several times; nothing happens outside."""
    assert missing([publication()], seen_from(0)) == []


def test_publication_told_twice():
    """But OCS hears once."""
    numbers = [*PUBLICATION[:10], "4c", *PUBLICATION[10:]]
    assert missing([publication(numbers)], seen_from(0)) == ["step 4c stands 2 times"]


def test_head_of_a_publication():
    """What it is about stands where a user's number would."""
    title, head = draw([publication()]).split("\n")[:2]
    assert (title, head) == (
        "2.1 product managed by PPM / PPM管理的增值产品同步",
        "order T  product added  product P1  completed 竣工",
    )


def test_lines_of_a_publication():
    """PPM is named, and its acts are its own."""
    drawn = draw(
        [leg(arrow("2a", "ppm", "ppm", "audit (审核)"), arrow("4c", "ppm", "ocs", "productInfoSync"), section="2.1")]
    )
    lines = [re.sub(r"\s+", " ", line).strip() for line in drawn.split("\n")[2:]]
    assert lines == [
        "(2a) PPM (own act) audit (审核) 12:00:00.000 ok",
        "(4c) PPM → OCS productInfoSync 12:00:00.000 ok",
    ]


def test_configuration_at_ismp():
    """What ISMP manages begins at that ISMP: the one that told PPM."""
    told = leg(arrow("1b", "ismp:204", "ppm", "prodInfoSynFromISMP"), section="2.2", action="product added")
    first = rows([told])[0]
    assert (first["number"], first["sender"], first["receiver"]) == ("1a", "ismp:204", "ismp:204")


def bundle(section, *numbers, action="subscribe", **more):
    """A bundle's work order as the province saw it, a step a second."""
    told = [arrow(n, receiver="xplatform:303", second=s) for s, n in enumerate(numbers, 5)]
    return leg(*told, section=section, action=action, channel="206", **more)


BUNDLES = {
    "3.2.1, one platform": (bundle("3.2.1", "3b", "4a", "4b", "5a", "5b"), {"s1": 1, "s2": 2, "s3a": 3, "s5c": 20, "s6": 21}),
    "3.2.1, two platforms": (bundle("3.2.1", "3b", "4a", "4b", "4a", "4b", "5a", "5b"), {"s1": 1, "s2": 2, "s3a": 3, "s5c": 20, "s6": 21}),
    "3.2.3": (bundle("3.2.3", "2a", "2b", "2c", "3a", "3b", action="unsubscribe"), {"s1": 1, "s4a": 20, "s4b": 21}),
}  # fmt: skip


@pytest.mark.parametrize("case", ["3.2.1, one platform", "3.2.3"])
@pytest.mark.parametrize("prepaid", [True, False])
def test_whole_bundle(case, prepaid):
    """CRM's and provisioning's steps stand around ours; the balance was CRM's question."""
    begun, seen = BUNDLES[case]
    assert missing([{**begun, "prepaid": prepaid}], seen_from(0, **seen)) == []


def test_bundle_of_several_platforms():
    """The second platform is asked after the first one has answered: that is no disorder."""
    begun, seen = BUNDLES["3.2.1, two platforms"]
    assert missing([begun], seen_from(0, **seen)) == []


def test_parties_of_a_bundle():
    """CRM asks VSOP and is answered; what VSOP is stands for itself."""
    shown = {
        row["number"]: (row["sender"], row["receiver"]) for row in rows([bundle("3.2.1", "3b")]) if not row["tier"]
    }
    assert (shown["1"], shown["3a"]) == (("crm", "vsop:15"), ("crm", "provisioning"))


def test_cancellation_has_words_of_its_own():
    """The seed tells bundles' cancellations itself: nothing is reworded."""
    title = draw([bundle("3.2.3", action="unsubscribe")]).split("\n")[0]
    assert title == "3.2.3 bundle cancellation, provincial / 捆绑类套餐退订流程(省级业务)"


def test_mixed_order():
    """Parts of one order have the same numbers; each of them may be there once for each platform."""
    numbers = ["2a", "2b", "2c", "2c", "2d", "2e", "3a", "3b", "3c", "3c", "3d", "3e", "3f", "3g", "3h", "3i"]
    begun = leg(*(arrow(n, second=s) for s, n in enumerate(numbers, 1)), section="4.1")
    assert missing([begun], seen_from(0)) == []


@pytest.mark.parametrize("subject", ["order", "user", "catalogue"])
def test_every_subject_has_a_section(subject):
    """These tests know every kind of matter that a section can be about."""
    assert subject in {section.subject for section in SECTIONS.values()}
