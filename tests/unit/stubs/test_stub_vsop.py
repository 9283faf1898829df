"""A VSOP as a partner: it judges by the world's catalogue, ends its orders by itself, and tells whoever listens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stubs.kit.world_file import read_world

TONE, PREMIUM, BOX, FLAGSHIP = (f"11500000000000000010{n}" for n in (1, 2, 3, 6))
BUNDLE = "315000000000000000901"
NUMBER = "18907910001"
ROOT = Path(__file__).parents[3]
SEED = read_world([ROOT / "etc/lab/subscribers.toml", ROOT / "etc/lab/catalogue.toml"])


@pytest.fixture
def vsop(scene: Any, codecs: Any) -> Party:
    """The VSOP of a set that begins with the lab's catalogue."""
    return Party(type(scene)(SEED), codecs["vsop"])


class Party:
    """Sends messages to the VSOP of a scene."""

    def __init__(self, scene: Any, codec: Any) -> None:
        self.scene, self.codec, self._count = scene, codec, 0

    def ask(self, operation: str, *, system: str = "211", **fields: Any) -> Any:
        self._count += 1
        head = {"StreamingNo": f"{system}20260101120000{self._count:09d}", "TimeStamp": "20260101120000", "SystemId": system}
        kind = self.codec.by_element[self.codec.contract.operations[operation].request].type
        return self.scene.send(f"vsop.{operation}", kind(**head, **fields)).answer

    def order(self, offer: str, action: str = "0", *, order: str = "O-1", number: str = NUMBER, system: str = "211") -> Any:
        offers = [self.codec["OfferInfo"](ProductOfferType="0", ProductOfferID=offer)] if offer else []
        user = {"ProdSpecCode": "003", "ProductNo": number}
        answer = self.ask("subscribeToVSOP", system=system, ActionType=action, OrderId=order, **user, ProductOfferInfo=offers)
        return answer.ResultCode, [one.OPResult for one in answer.ResultInfo]

    def done(self, *of: Any) -> Any:
        """Order, let it end, and give its state with the code of each offer."""
        assert self.order(*of) == ("0", [])
        self.scene.later(0.2)
        return self.state()

    def state(self, order: str = "O-1", system: str = "211") -> Any:
        answer = self.ask("orderStateQry", system=system, OrderId=order)
        return answer.OrderState, [one.OPResult for one in answer.ResultInfo]

    def held(self) -> list[tuple[str, str]]:
        answer = self.ask("subInstQryFromVSOP", ProdSpecCode="003", ProductNo=NUMBER)
        return [(one.VProductID, one.Status) for one in answer.ResultInfo]

    def told(self) -> list[str]:
        return [call.operation for call in self.scene.script.calls]


def test_an_order_is_accepted_then_completed_and_told(vsop: Party) -> None:
    """Accepted is not done; then the relation is there, and billing, channel and user are told once each."""
    accepted = vsop.order(TONE), vsop.state()
    vsop.scene.later(0.2)
    assert (accepted, vsop.state(), vsop.held()) == ((("0", []), ("10I", [])), ("10F", ["0"]), [(TONE, "0")])
    assert vsop.told() == ["subsInstSynToHB", "subResultFromVSOP", "subResultToUser"]


def test_the_same_order_is_one_order(vsop: Party) -> None:
    """Again with the same content: confirmed; with another: 2003."""
    assert [vsop.order(TONE), vsop.order(TONE), vsop.order(PREMIUM)] == [("0", []), ("0", []), ("2003", [])]
    vsop.scene.later(0.2)
    assert len(vsop.scene.rows("order", "order")) == 1


@pytest.mark.parametrize(
    ("offer", "action", "code"),
    [
        ("F9", "0", "4501"), ("115000000000000000104", "0", "4002"), ("115000000000000000105", "0", "4004"), (BUNDLE, "0", "4504"),
        (BOX, "0", "5007"), ("115000000000000000107", "0", "3005"), ("115000000000000000108", "0", "3006"), (TONE, "1", "5002"),
        (TONE, "3", "5002"), ("", "0", "4508"),
    ],
)  # fmt: skip
def test_what_its_rules_refuse(vsop: Party, offer: str, action: str, code: str) -> None:
    """At once, with the offer's own code; nothing is kept."""
    assert (vsop.order(offer, action)[0], vsop.scene.rows("order", "order")) == (code, [])


@pytest.mark.parametrize(("offer", "code"), [(TONE, "5001"), (PREMIUM, "5003")])
def test_what_a_user_holds_decides(vsop: Party, offer: str, code: str) -> None:
    """The same again, or what it excludes."""
    vsop.done(TONE)
    answer = vsop.ask("subscribeToVSOP", ActionType="0", OrderId="O-2", ProdSpecCode="003", ProductNo=NUMBER,
                      ProductOfferInfo=[vsop.codec["OfferInfo"](ProductOfferType="0", ProductOfferID=offer)])  # fmt: skip
    assert (answer.ResultCode, answer.ResultInfo[0].OPResult) == (code, code)


def test_a_product_takes_the_place_of_another(vsop: Party) -> None:
    """What it replaces ends with the same order."""
    vsop.done(TONE)
    vsop.order(FLAGSHIP, order="O-2")
    vsop.scene.later(0.2)
    assert vsop.held() == [(FLAGSHIP, "0")]


def test_an_empty_purse_ends_the_order(vsop: Party) -> None:
    """Accepted, then 6001 for the offer; billing is told nothing, the user is."""
    world = vsop.scene.world
    poor = next(one.number for one in world.subscribers.values() if one.prepaid and one.balance <= 0)
    accepted = vsop.order(TONE, number=poor)
    vsop.scene.later(0.2)
    assert (accepted, vsop.state()) == (("0", []), ("10E", ["6001"]))
    assert vsop.told() == ["subResultFromVSOP", "subResultToUser"]


@pytest.mark.parametrize(("action", "held"), [("1", []), ("2", []), ("3", [(TONE, "2")])])
def test_a_relation_ends_or_stops(vsop: Party, action: str, held: list[tuple[str, str]]) -> None:
    """Unsubscribed, all unsubscribed, suspended."""
    vsop.done(TONE)
    vsop.order("" if action == "2" else TONE, action, order="O-2")
    vsop.scene.later(0.2)
    assert vsop.held() == held


@pytest.mark.parametrize(("answer", "state", "code"), [("1", "10F", "0"), ("0", "10E", "5011")])
def test_an_order_by_sms_is_confirmed_first(vsop: Party, answer: str, state: str, code: str) -> None:
    """00B until the user has answered, under the code of the question."""
    vsop.order(TONE, system="214")
    vsop.scene.later(0.1)
    waiting, asked = vsop.state(system="214"), vsop.scene.called("sendRQMessage")[0].message.RQCode
    vsop.ask("recvRQMessage", system="214", ProdSpecCode="003", ProductNo=NUMBER, RQCode=asked, RQResult=answer)
    vsop.scene.later(0.2)
    assert (waiting, vsop.state(system="214")) == (("00B", []), (state, [code]))


def test_a_confirmation_of_nothing(vsop: Party) -> None:
    """5012."""
    told = vsop.ask("recvRQMessage", system="214", ProdSpecCode="003", ProductNo=NUMBER, RQCode="4711", RQResult="1")
    assert told.ResultCode == "5012"


def test_the_history_has_the_order(vsop: Party) -> None:
    """Of its day, and of no other."""
    vsop.done(TONE)
    day = vsop.scene.stage.stamp()[:8]
    user = {"ProdSpecCode": "003", "ProductNo": NUMBER}
    found = vsop.ask("subInstHisQryFromVSOP", **user, BeginTime=day, EndTime=day).ResultInfo
    before = vsop.ask("subInstHisQryFromVSOP", **user, BeginTime="20200101", EndTime="20200102").ResultInfo
    assert ([(one.VProductID, one.OrderState, one.OPResult) for one in found], before) == ([(TONE, "10F", "0")], [])


def auth(vsop: Party, product: str, offer: str | None) -> Any:
    user = vsop.codec["AuthUser"](
        ProdSpecCode="003", ProductNo=NUMBER, VProductInfo=[vsop.codec["AuthProduct"](ActionType="0", VProductID=product)]
    )
    answer = vsop.ask("subscribeAuth", system="201", ProductOfferID=offer, ProductInfo=[user])
    return answer.ResultCode, answer.AuthResult, [one.OPResult for each in answer.ProductInfo for one in each.VProductInfo]


def test_a_bundle_is_authorised(vsop: Party) -> None:
    """Pass; refused with the reason; pass if the user confirms that his tone is replaced. Nothing is stored."""
    first = auth(vsop, TONE, BUNDLE), auth(vsop, PREMIUM, BUNDLE), auth(vsop, TONE, "B9")
    vsop.done(TONE)
    assert first == (("0", "0", []), ("4503", "2", ["4503"]), ("4501", "2", []))
    assert (auth(vsop, FLAGSHIP, None), vsop.held()) == (("0", "1", ["-2"]), [(TONE, "0")])


def work(vsop: Party, action: str, order: str = "W-1", **fields: Any) -> str:
    common = {"ProdSpecCode": "003", "ProductNo": NUMBER, "UserState": "00A", "UserPayType": "1"}
    code: str = vsop.ask("workListFKToVSOP", system="206", OrderId=order, ActionType=action, **{**common, **fields}).ResultCode
    vsop.scene.later(0.2)
    return code


def test_a_work_order_is_done_and_receipted(vsop: Party) -> None:
    """The relation of the bundle is there, and provisioning is told how each product fared."""
    items = [vsop.codec["WorkOrderProduct"](ActionType="0", VProductID=one) for one in (TONE, "P9")]
    code = work(vsop, "14", ProductOfferID=BUNDLE, VProductInfo=items)
    (receipt,) = vsop.scene.called("workListVSOPToFK")
    fared = [(one.ProductID, one.OPResult) for one in receipt.message.VProductInfo]
    told = receipt.message.OrigOrderId, receipt.message.OrderResultCode
    assert (code, told, fared) == ("0", ("W-1", "4001"), [(TONE, "0"), ("P9", "4001")])


def test_a_user_change_takes_the_relations_along(vsop: Party) -> None:
    """Stopped is suspended, a new number has them, torn down has none."""
    vsop.done(TONE)
    work(vsop, "11", UserState="00B")
    stopped = vsop.order(BOX, order="O-2")[0], vsop.held()
    work(vsop, "11", "W-2")
    work(vsop, "12", "W-3", ProductNo="18907910777", OldProductNo=NUMBER)
    moved = [one.number for one in vsop.scene.world.services.active.values()]
    work(vsop, "15", "W-4", ProductNo="18907910777", UserState="00X")
    assert (stopped, moved, vsop.scene.world.services.active) == (("3002", [(TONE, "2")]), ["18907910777"], {})


def test_it_follows_what_others_report(vsop: Party) -> None:
    """A relation of ISMP and one of a province; both are in the query, and end as reported."""
    report = {"UserID": NUMBER, "UserIDType": "0", "ProductID": "115000000000000000201"}
    vsop.ask("subsInstSynFromISMP", system="204", **report, OPType="1")
    begun = vsop.held()
    vsop.ask("subsInstSynFromISMP", system="204", **report, OPType="3")
    assert (begun, vsop.held()) == ([("115000000000000000201", "2")], [])


def test_the_result_of_an_activation_is_kept(vsop: Party) -> None:
    """Confirmed, though this VSOP waits for none."""
    told = vsop.ask("serverActionResult", system="303", RefStreamingNo="20020260101120000000000009", OrderId="O-1", ResultCode="0",
                    ResultDesc="ok", ResultInfo=[])  # fmt: skip
    assert (told.ResultCode, vsop.scene.rows("action-result", "order", "known")) == ("0", [("O-1", False)])


def test_nobody_listens(vsop: Party) -> None:
    """Then nobody is told, and the order ends all the same."""
    vsop.scene.script.absent |= {"billing", "portal", "smshall"}
    assert (vsop.done(TONE), vsop.told()) == (("10F", ["0"]), [])
