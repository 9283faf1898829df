"""Plays one case of a section of the user's document between real endpoints: users and clerks act at the stubs, Zeep sends.

The demo and the end-to-end tests are told apart only by who looks at the result. Zeep is imported here, when a case is played.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import CommandFailed
from gateway.cli.stub_client import StubClient, witness
from gateway.domain.user_change import UserAct
from gateway.ladders.cases import Witness, missing
from gateway.vocabulary import CHINA, PRODUCTS_ONLY, USER_ACTS, write_time

ENDED = ("ended", "stuck")


@dataclass(frozen=True, slots=True)
class Door:
    """A gateway of the lab with the partners beside it."""

    name: str
    gateway: str
    """Base address of its services, such as http://127.0.0.1:7001."""
    admin: AdminClient
    stubs: StubClient

    @property
    def partners(self) -> str:
        """Base address of the partners' services."""
        return self.stubs.url.removesuffix("/_stub")


@dataclass(slots=True)
class Played:
    """A case that was begun: what to look for, and what was answered on the way."""

    section: str
    door: Door
    number: str = ""
    ids: list[str] = field(default_factory=list)
    """What each of its matters is called by who brought it."""
    answers: list[Any] = field(default_factory=list)
    legs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refused(self) -> Any | None:
        """The answer that ended it at once, if there was one."""
        return next((answer for answer in self.answers if answer.ResultCode != "0"), None)


class Player:
    """Plays cases in a lab whose gateways and stubs run."""

    def __init__(self, doors: Mapping[str, Door]) -> None:
        self.doors = doors
        self._clients: dict[str, Any] = {}
        self._serials = itertools.count(1)

    # ---- talking ----------------------------------------------------------------------------------------------------

    def client(self, base: str, contract: str) -> Any:
        """Give Zeep's client of a contract, strict."""
        import zeep  # noqa: PLC0415  only the demo and the tests need it

        url = f"{base}/services/{contract}?wsdl"
        if url not in self._clients:
            connect: Any = zeep.Client  # Zeep publishes no types
            self._clients[url] = connect(url, settings=zeep.Settings(strict=True))
        return self._clients[url]

    def send(self, base: str, contract: str, operation: str, system: str, **fields: Any) -> Any:
        """Send one request under a StreamingNo of its own, unless one is given."""
        now = write_time(datetime.now(CHINA))
        head = {"StreamingNo": f"{system}{now}{next(self._serials):09d}", "TimeStamp": now, "SystemId": system}
        return self.client(base, contract).service[operation](**{**head, **fields})

    # ---- seed 4.1: orders of the portal ------------------------------------------------------------------------------

    def order(
        self, section: str, door: Door, number: str, *offers: str, action: str = "0", offer_type: str = "0", **more: Any
    ) -> Played:
        """Let a user order at the portal and confirm; the portal sends the order (4.1.x steps 1 and 2)."""
        wanted = {"number": number, "action": action, "offer_type": offer_type}
        confirmed = door.stubs.act("portal", "confirm-only", wanted | ({"offer": offers[0]} if offers else {}))
        played = Played(section, door, number, [confirmed["order_id"]])
        infos = [{"ProductOfferType": offer_type, "ProductOfferID": offer} for offer in offers]
        fields = {
            "StreamingNo": confirmed["streaming_no"], "ActionType": action, "OrderId": confirmed["order_id"], "ProdSpecCode": "003",
            "ProductNo": number, "ProductOfferInfo": infos,
        }  # fmt: skip
        played.answers.append(self.send(door.gateway, "vsop", "subscribeToVSOP", "211", **{**fields, **more}))
        return played

    # ---- seed 3.2: bundles at CRM's counter --------------------------------------------------------------------------

    def bundle(
        self, section: str, door: Door, number: str, offer: str, *products: str, action: str = "0", asks: bool = True
    ) -> Played:
        """Let CRM sell or cancel a bundle: authorisation if it asks, then the customer order (3.2.x steps 1 to 3; 3.2.3 step 1)."""
        accepted = door.stubs.act(
            "crm",
            "accept",
            {"number": number, "offer": offer, "products": list(products), "action": action, "send": False},
        )
        played = Played(section, door, number, [accepted["order_id"]])
        if action == "0" and asks:
            asked = [{"ActionType": action, "VProductID": product} for product in products]
            decision = self.send(
                door.gateway, "vsop", "subscribeAuth", "201", StreamingNo=accepted["auth_streaming_no"], ProductOfferID=offer,
                ProductInfo=[{"ProdSpecCode": "003", "ProductNo": number, "VProductInfo": asked}],
            )  # fmt: skip
            played.answers.append(decision)
            if decision.AuthResult not in ("0", "1"):
                return played
            door.stubs.act("crm", "decided", {"order_id": accepted["order_id"], "auth_result": decision.AuthResult})
        self._customer_order(
            played, accepted, PRODUCTS_ONLY, ProductNo=number, ProductOfferID=offer,
            VProductInfo=[{"ActionType": action, "VProductID": product} for product in products],
        )  # fmt: skip
        return played

    # ---- seed, second 3.1: users -------------------------------------------------------------------------------------

    def user(self, door: Door, number: str, kind: str, **more: str) -> Played:
        """Let CRM change a user: `kind` is the ActionType, `more` old_number, state (00A ...) or pay (0, 1)."""
        accepted = door.stubs.act("crm", "user", {"kind": kind, "number": number, "send": False, **more})
        played = Played("3.1b", door, number, [accepted["order_id"]])
        torn_down = "00X" if USER_ACTS[kind] is UserAct.TORN_DOWN else "00A"
        self._customer_order(
            played, accepted, kind, ProductNo=number, OldProductNo=more.get("old_number"),
            UserState=more.get("state", torn_down), UserPayType=more.get("pay", "1"),
        )  # fmt: skip
        return played

    def _customer_order(self, played: Played, accepted: Mapping[str, Any], kind: str, **fields: Any) -> None:
        common = {
            "UserState": "00A",
            "UserPayType": "1",
            "ProdSpecCode": "003",
            "OrderId": accepted["order_id"],
            "ActionType": kind,
        }
        answer = self.send(
            played.door.partners, "provisioning", "submitCustomerOrder", "201", StreamingNo=accepted["order_streaming_no"],
            **{**common, **fields},
        )  # fmt: skip
        played.answers.append(answer)

    # ---- seed 2.x and the first 3.1: the catalogue -------------------------------------------------------------------

    def apply(self, section: str, door: Door, thing: Mapping[str, Any]) -> Played:
        """Let CRM's clerk file a product or an offer; keys are those of the contract (2.1 and 3.1 step 1, 2.2b step 1)."""
        kind = "product" if "ProductHost" in thing else "offer"
        filed = door.stubs.act("crm", f"apply-{kind}", {**_act(thing), "send": False})
        played = Played(section, door, "", [filed["application_id"]])
        operation, name = _APPLICATION[kind]
        fields = {name: dict(thing), "ApplicationId": filed["application_id"], "StreamingNo": filed["streaming_no"]}
        played.answers.append(self.send(door.gateway, "ppm", operation, "201", **fields))
        return played

    def change_state(self, played: Played, kind: str, object_id: str, status: str) -> Played:
        """Let CRM's clerk ask for another state of an object (2.1 step 5, 2.2b step 2); joins the case of its publication."""
        door = played.door
        filed = door.stubs.act(
            "crm", "change-state", {"object_type": kind, "object_id": object_id, "status": status, "send": False}
        )
        played.ids.append(filed["application_id"])
        answer = self.send(
            door.gateway, "ppm", "submitStateChange", "201", ApplicationId=filed["application_id"],
            StreamingNo=filed["streaming_no"], ObjectType=_OBJECT_TYPE[kind], ObjectID=object_id, Status=_STATUS[status],
        )  # fmt: skip
        played.answers.append(answer)
        return played

    def configure(self, section: str, door: Door, thing: Mapping[str, Any], change: str = "1") -> Played:
        """Let ISMP's clerk configure a product or an offer; ISMP tells PPM (2.2 and 2.3 step 1)."""
        kind = "product" if "ProductHost" in thing else "offer"
        made = door.stubs.act("ismp", f"configure-{kind}", {**_act(thing), "send": False})
        played = Played(section, door, "", [made["streaming_no"]])
        operation, name = _REPORT[kind]
        fields = {name: dict(thing), "OPFlag": change, "StreamingNo": made["streaming_no"]}
        played.answers.append(self.send(door.gateway, "ppm", operation, "204", **fields))
        return played

    # ---- looking -----------------------------------------------------------------------------------------------------

    def settled(self, played: Played, seconds: float = 20.0) -> list[dict[str, Any]]:
        """Wait until every matter of a case has ended at every tier; gives the legs."""
        played.legs = [leg for each in played.ids for leg in self._legs(played, each, seconds)]
        return played.legs

    def _legs(self, played: Played, order_id: str, seconds: float) -> Sequence[dict[str, Any]]:
        until = time.monotonic() + seconds
        begun = None
        while time.monotonic() < until:
            begun = played.door.admin.get(f"orders/{order_id}")
            if begun is not None and begun["run"] in ENDED:
                legs = [leg for door in self.doors.values() for leg in door.admin.get(f"traces/{begun['trace_id']}")]
                if all(leg["run"] in ENDED for leg in legs):
                    return sorted(legs, key=lambda leg: leg["order_id"] != leg["trace_id"])
            time.sleep(0.03)
        raise CommandFailed(f"{played.section}: {order_id} did not end within {seconds:.0f} s: {begun}", 1)

    def witness(self, played: Played) -> Witness:
        """Ask the stubs beside the case's gateway for the steps that VSOP does not see."""
        return witness(played.door.stubs, played.number)

    def missing(self, played: Played, seconds: float = 10.0) -> list[str]:
        """Wait until every step of the section was seen, once and in order; gives what is wrong in the end."""
        until = time.monotonic() + seconds
        while True:
            problems = missing(played.legs, self.witness(played))
            if not problems or time.monotonic() > until:
                return problems
            time.sleep(0.05)
            self.settled(played)


_APPLICATION = {
    "product": ("submitProductApplication", "ProductInfo"),
    "offer": ("submitOfferApplication", "ProductOfferInfo"),
}
_REPORT = {"product": ("prodInfoSynFromISMP", "ProductInfo"), "offer": ("offerInfoSynFromISMP", "ProductOfferInfo")}
_OBJECT_TYPE = {"product": "0", "offer": "1"}
_STATUS = {"normal": "0", "suspended": "2", "pre-cancelled": "3", "cancelled": "4"}
_SCOPE = {"0": "national", "1": "provincial"}
_OFFER_TYPE = {"0": "pure", "1": "vas-bundle", "2": "traditional-bundle"}


def _act(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Say an object of the contract in the words of the stubs' acts."""
    common = {
        "name_zh": thing["PNameCN"], "name_en": thing["PNameEN"], "scope": _SCOPE[thing["Scope"]], "province": thing["ProvinceID"],
    }  # fmt: skip
    if "ProductHost" in thing:
        owner = {"sp": thing["SPID"], "owner": thing["ProductHost"], "platform": thing["PlatForm"]}
        return {"id": thing["ProductID"], **common, **owner}
    return {
        "id": thing["ProductOfferID"], **common, "type": _OFFER_TYPE[thing["ProductOfferType"]],
        "products": list(thing["ProductID"]),
    }  # fmt: skip


def product(
    product_id: str, *, sp: str, owner: str, platform: str, province: str, zh: str, en: str, **more: Any
) -> dict[str, Any]:
    """Write a product as the contract has it; it is national where its province is."""
    return {
        "ProductID": product_id, "SPID": sp, "PNameCN": zh, "PNameEN": en, "ProductHost": owner, "PlatForm": platform,
        "Scope": more.pop("scope", "1"), "ProvinceID": province, "Status": "1", **more,
    }  # fmt: skip


def offer(offer_id: str, *products: str, kind: str, province: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    """Write an offer as the contract has it."""
    return {
        "ProductOfferType": kind, "ProductOfferID": offer_id, "PNameCN": zh, "PNameEN": en, "Scope": more.pop("scope", "1"),
        "ProvinceID": province, "Status": "1", "PartialAllowed": False, "ProductID": list(products), **more,
    }  # fmt: skip
