"""Platforms suspend and resume services, and follow their users (seed 3.1b step 4)."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract import Codec

PLATFORMS = ("xplatform", "ismp")
NEW, OLD = "18907910002", "18907910001"


def served(scene: Any, codecs: dict[str, Codec], role: str, *products: str, number: str = OLD) -> None:
    """Let a user have services of a platform."""
    for one in products:
        if role == "xplatform":
            act(scene, codecs, "0", one, number=number)
        else:
            item = codecs["ismp"]["ProductAction"](ProductID=one, PProductOfferID="F1")
            scene.ask("subActionFromVSOP", DA=number, ProductInfo=[item])
    scene.later(0.1)
    scene.script.calls.clear()


def act(scene: Any, codecs: dict[str, Codec], action: str, one: str, number: str = OLD) -> list[tuple[str, str]]:
    item = codecs["xplatform"]["ServerActionProduct"](
        ActionType=action, VProductID=one, ProductOfferType="0", ProductOfferID="F1"
    )
    answer = scene.ask("serverAction", ProductNo=number, VProductInfo=[item])
    return [(result.OPResult, answer.ResultCode) for result in answer.ResultInfo]


def sync(scene: Any, role: str, action: str, state: str = "0", **more: str) -> str:
    code: str = scene.ask(f"{role}.userInfoSync", ActionType=action, UserState=state, **more).ResultCode
    scene.later(0.1)
    return code


def suspended(scene: Any) -> dict[str, bool]:
    services = scene.world.services
    return {one.product: services.is_suspended(one) for one in services.active.values()}


def test_the_x_platform_suspends_and_resumes(scene: Any, codecs: dict[str, Codec]) -> None:
    """ServiceAction 5 and 6; the service stays."""
    served(scene, codecs, "xplatform", "P1")
    seen = []
    for action in ("5", "6"):
        seen.append((act(scene, codecs, action, "P1"), suspended(scene)))
    assert seen == [([("0", "0")], {"P1": True}), ([("0", "0")], {"P1": False})]


def test_the_x_platform_serves_again_what_is_ordered_anew(scene: Any, codecs: dict[str, Codec]) -> None:
    """ServiceAction 0 for a service that is suspended: whoever orders it wants it."""
    served(scene, codecs, "xplatform", "P1")
    for action in ("5", "0"):
        act(scene, codecs, action, "P1")
    assert suspended(scene) == {"P1": False}


@pytest.mark.parametrize("action", ["5", "6"])
def test_the_x_platform_suspends_nothing_that_is_not_there(scene: Any, codecs: dict[str, Codec], action: str) -> None:
    """OPResult 5002."""
    assert act(scene, codecs, action, "P1") == [("5002", "0")]


@pytest.mark.parametrize("role", PLATFORMS)
@pytest.mark.parametrize(("action", "state"), [("10", "0"), ("13", "0"), ("16", "0"), ("11", "1"), ("15", "3")])
def test_a_user_is_kept(scene: Any, role: str, action: str, state: str) -> None:
    """State and pay type, by platform; one row for each message."""
    code = sync(scene, role, action, state, UserPayType="1")
    users = {key: (user.state, user.pay) for key, user in scene.world.services.users.items()}
    rows = scene.rows("user-change", "role", "number", "action", "order", "state", "changed")
    assert (code, users, rows) == ("0", {(role, OLD): (state, "1")}, [(role, OLD, action, "O-1", state, 0)])


@pytest.mark.parametrize("role", PLATFORMS)
@pytest.mark.parametrize("state", ["1", "2"])
def test_a_stop_suspends_everything_of_the_user(scene: Any, codecs: dict[str, Codec], role: str, state: str) -> None:
    """Until the user is active again; a repetition changes nothing."""
    served(scene, codecs, role, "P1", "P2")
    seen = []
    for one in (state, state, "0"):
        sync(scene, role, "11", one)
        seen.append(suspended(scene))
    stopped = {"P1": True, "P2": True}
    assert (seen, scene.rows("user-change", "changed")) == ([stopped, stopped, {"P1": False, "P2": False}], [2, 0, 2])


def test_a_resumed_user_has_the_service_that_was_suspended_still_suspended(
    scene: Any, codecs: dict[str, Codec]
) -> None:
    """A service's own suspension outlasts that of its user."""
    served(scene, codecs, "xplatform", "P1", "P2")
    act(scene, codecs, "5", "P1")
    for state in ("1", "0"):
        sync(scene, "xplatform", "11", state)
    assert (suspended(scene), scene.rows("user-change", "products")) == ({"P1": True, "P2": False}, [["P2"], ["P2"]])


@pytest.mark.parametrize("role", PLATFORMS)
def test_a_new_number(scene: Any, codecs: dict[str, Codec], role: str) -> None:
    """12 gives the services to the new number; nothing is reported, VSOP does the same on its side."""
    served(scene, codecs, role, "P1", "P2")
    sync(scene, role, "12", ProductNo=NEW, OldProductNo=f"86{OLD}")
    left = (list(scene.world.services.active), list(scene.world.services.users), scene.script.calls)
    rows = scene.rows("user-change", "number", "old_number", "changed")
    assert (left, rows) == (([(role, NEW, "P1"), (role, NEW, "P2")], [(role, NEW)], []), [(NEW, f"86{OLD}", 2)])


@pytest.mark.parametrize("role", PLATFORMS)
def test_a_torn_down_user_has_nothing_left(scene: Any, codecs: dict[str, Codec], role: str) -> None:
    """15 ends all services of the number at this platform, and of no other number."""
    served(scene, codecs, role, "P1", "P2")
    served(scene, codecs, role, "P1", number=NEW)
    sync(scene, role, "15", "3")
    assert (list(scene.world.services.active), scene.rows("user-change", "changed")) == ([(role, NEW, "P1")], [2])


def test_platforms_have_their_own_services(scene: Any, codecs: dict[str, Codec]) -> None:
    """What the X platform ends, ISMP keeps."""
    served(scene, codecs, "xplatform", "P1")
    served(scene, codecs, "ismp", "P2")
    sync(scene, "xplatform", "15", "3")
    assert list(scene.world.services.active) == [("ismp", OLD, "P2")]


def reports(scene: Any) -> list[tuple[str, str, str]]:
    calls = scene.called("subsInstSynFromISMP")
    return [(call.message.ProductID, call.message.OPType, call.message.UserID) for call in calls]


@pytest.mark.parametrize(("action", "state", "op_type"), [("15", "3", "3"), ("11", "1", "1")])
def test_ismp_reports_each_relation_that_followed_its_user(
    scene: Any, codecs: dict[str, Codec], action: str, state: str, op_type: str
) -> None:
    """subsInstSynFromISMP after the answer, with the offer under which it was subscribed."""
    served(scene, codecs, "ismp", "P1", "P2")
    sync(scene, "ismp", action, state)
    offers = {call.message.PProductOfferID for call in scene.script.calls}
    assert (reports(scene), offers) == ([("P1", op_type, OLD), ("P2", op_type, OLD)], {"F1"})
    assert [row for row in scene.rows("relation-report", "action", "order") if row[0] != "0"] == [(op_type, "O-1")] * 2


def test_ismp_reports_a_resumed_user(scene: Any, codecs: dict[str, Codec]) -> None:
    """OPType 2; what did not change is not reported."""
    served(scene, codecs, "ismp", "P1")
    for state in ("1", "0", "0"):
        sync(scene, "ismp", "11", state)
    assert reports(scene) == [("P1", "1", OLD), ("P1", "2", OLD)]


def test_the_kind_of_number_is_reported(scene: Any, codecs: dict[str, Codec]) -> None:
    """UserIDType 2 is a fixed line."""
    served(scene, codecs, "ismp", "P1", number="07916660001")
    sync(scene, "ismp", "15", "3", ProductNo="07916660001", ProdSpecCode="001")
    assert [call.message.UserIDType for call in scene.script.calls] == ["2"]


def test_the_x_platform_reports_nothing(scene: Any, codecs: dict[str, Codec]) -> None:
    """VSOP owns its relations."""
    served(scene, codecs, "xplatform", "P1")
    sync(scene, "xplatform", "15", "3")
    assert scene.script.calls == []


@pytest.mark.parametrize(
    ("operation", "op_type", "left"), [("suspendSubscription", "1", True), ("resumeSubscription", "2", False)]
)
def test_ismp_suspends_and_resumes(
    scene: Any, codecs: dict[str, Codec], operation: str, op_type: str, left: bool
) -> None:
    """As VSOP asks; each relation is reported."""
    served(scene, codecs, "ismp", "P1")
    answer = scene.ask(operation)
    scene.later(0.1)
    assert [(item.ProductID, item.OPResult) for item in answer.ResultInfo] == [("P1", "0")]
    assert (suspended(scene), reports(scene)) == ({"P1": left}, [("P1", op_type, OLD)])


def test_ismp_suspends_nothing_that_is_not_there(scene: Any) -> None:
    """OPResult 5002, and nothing to report."""
    answer = scene.ask("suspendSubscription")
    scene.later(0.1)
    assert ([item.OPResult for item in answer.ResultInfo], scene.script.calls) == (["5002"], [])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [({}, [("P1", "2"), ("P2", "0")]), ({"ProductID": "P2"}, [("P2", "0")]), ({"UserID": NEW}, [])],
)
def test_ismp_tells_what_it_holds(
    scene: Any, codecs: dict[str, Codec], wanted: dict[str, str], found: list[tuple[str, str]]
) -> None:
    """Its own relations of a user with their status, not the X platform's."""
    served(scene, codecs, "ismp", "P1", "P2")
    served(scene, codecs, "xplatform", "P3")
    scene.ask("suspendSubscription")
    answer = scene.ask("getSubscription", **wanted)
    assert [(item.ProductID, item.Status) for item in answer.SubInfo] == found
    assert {item.SubscribeTime for item in answer.SubInfo} <= {"20260529042640"}
