"""A whole set over HTTP bytes, without sockets: contracts, admin API, and the connection that is dropped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stub_rig import Rig

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.soap.peer import Peer
from stubs.kit.front import StubEndpoint
from stubs.kit.magic import Behaviour
from stubs.roles import ROLES


@pytest.fixture
def rig(root: Path, codecs: dict[str, Codec]) -> Rig:
    return Rig(root, codecs)


def test_a_message_is_answered_and_journalled(rig: Rig, scene: Any, routing: Message) -> None:
    """Over HTTP and SOAP, with the trace of its Routing header."""
    line = rig.line()
    line.send("POST", "/services/ocs", rig.envelope("ocs", "feeCheck", scene.request("feeCheck"), routing))
    status, body = line.answer()
    _, found = rig.api("GET", "journal?role=ocs&trace=T-1")
    assert (status, b"<m:Balance>5000</m:Balance>" in body) == (200, True)
    assert [entry["answer"]["Balance"] for entry in found["entries"]] == [5000]


def test_a_broken_message_reaches_no_role(rig: Rig, scene: Any) -> None:
    """The contract is kept on this side too."""
    line = rig.line()
    good = rig.envelope("ocs", "feeCheck", scene.request("feeCheck"))
    line.send("POST", "/services/ocs", good.replace(b"ContentType>2<", b"ContentType>9<"))
    status, body = line.answer()
    assert (status, b"[1006]" in body, rig.api("GET", "journal")[1]) == (500, True, {"entries": []})


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), ("null", 403), ("http://stub", 200)])
def test_page_of_another_site_cannot_change_a_set(rig: Rig, origin: str, status: int) -> None:
    """A browser lets any page send to a loopback port, if only what is plain text: it says from which page."""
    line = rig.line()
    line.send("POST", "/_stub/reset", b"{}", "text/plain", f"Origin: {origin}\r\n")
    assert line.answer()[0] == status


@pytest.mark.parametrize("role", ROLES)
def test_every_contract_is_published_at_this_address(rig: Rig, role: str) -> None:
    """?wsdl names the port that is served."""
    line = rig.line()
    line.send("GET", f"/services/{role}?wsdl")
    status, body = line.answer()
    assert (status, f'location="http://127.0.0.1:{rig.port}/services/{role}"'.encode() in body) == (200, True)


def test_only_roles_of_the_set_are_served(root: Path, codecs: dict[str, Codec]) -> None:
    """The national set plays no OCS, and knows nobody to ask a balance of."""
    national = Rig(root, codecs, roles=("xplatform",))
    line = national.line()
    line.send("GET", "/services/ocs?wsdl")
    assert (line.answer()[0], national.host.to("ocs")) == (404, None)


ADDRESSES = {
    **dict.fromkeys(("vsop", "ppm", "ocs", "ismp"), "http://127.0.0.1:1"),
    **dict.fromkeys(("provisioning", "crm", "billing"), "http://127.0.0.1:7115"),
}


@pytest.mark.parametrize("contract", ADDRESSES)
def test_who_is_called_where(rig: Rig, contract: str) -> None:
    """The gateway for what it serves, also if the set plays it; the set itself for what partners tell each other."""
    rig.host.gateway, rig.host.port = "http://127.0.0.1:1", 7115
    peer = rig.host.to(contract)
    assert isinstance(peer, Peer)
    assert peer.url == f"{ADDRESSES[contract]}/services/{contract}"


@pytest.mark.parametrize(("contract", "known"), [("vsop", False), ("ocs", True), ("ppm", False), ("crm", False)])
def test_who_is_called_without_a_gateway(rig: Rig, root: Path, codecs: dict[str, Codec], contract: str, known: bool) -> None:
    """Whom the set plays, and nobody else."""
    alone = Rig(root, codecs, roles=("ocs",))
    assert (rig.host.to(contract) is not None, alone.host.to(contract) is not None) == (True, known)


def test_unknown_roles_stop_the_start(root: Path, codecs: dict[str, Codec]) -> None:
    """By name."""
    with pytest.raises(ValueError) as raised:
        Rig(root, codecs, roles=("crow",))
    assert str(raised.value) == f"unknown roles: crow; there are {', '.join(ROLES)}"


@pytest.mark.parametrize("number", ["18907919009", "18907919001"])
def test_only_9009_drops_the_connection(rig: Rig, scene: Any, number: str) -> None:
    """Without a byte of an answer; the next attempt gets it."""
    message = rig.envelope("xplatform", "serverAction", scene.request("serverAction", ProductNo=number))
    lost = rig.line()
    lost.send("POST", "/services/xplatform", message)
    expected = number.endswith("9009")
    assert (lost.dropped, lost.silent) == (expected, expected)
    rig.reactor.advance(1)
    again = rig.line()
    again.send("POST", "/services/xplatform", message)
    assert (again.answer()[0], len(rig.host.stage.journal.find())) == (200, 2)


def test_away_drops_the_connection(rig: Rig, scene: Any) -> None:
    """Before anything is done; once back, the same message is answered."""
    message = rig.envelope("xplatform", "serverAction", scene.request("serverAction"))
    rig.api("POST", "settings", {"xplatform.mode": "away"})
    silent, back = rig.line(), rig.line()
    silent.send("POST", "/services/xplatform", message)
    left = (silent.dropped, silent.silent, rig.api("GET", "ledger/activation")[1])
    rig.reactor.advance(1)
    rig.api("POST", "settings", {"xplatform.mode": "final"})
    back.send("POST", "/services/xplatform", message)
    assert (left, back.answer()[0]) == ((True, True, {"rows": []}), 200)


def test_only_the_line_that_asked_is_dropped(rig: Rig, scene: Any) -> None:
    """Others on the same port go on."""
    rig.host.stage.modes["xplatform"] = Behaviour.LOST
    other, lost = rig.line(), rig.line()
    other.send("GET", "/healthz")
    lost.send("POST", "/services/xplatform", rig.envelope("xplatform", "serverAction", scene.request("serverAction")))
    assert (other.answer(), other.dropped, lost.dropped) == ((200, b"ok"), False, True)


def test_world_and_ledger(rig: Rig, scene: Any) -> None:
    """What was done can be read by number and order."""
    message = rig.envelope("xplatform", "serverAction", scene.request("serverAction"))
    rig.line().send("POST", "/services/xplatform", message)
    since = "2026-05-29T04:26:40.000+08:00"
    service = {"number": "18907910001", "product": "P1", "since": since, "role": "xplatform", "suspended": False}
    (row,) = rig.api("GET", "ledger/activation?number=18907910001&order=O-1")[1]["rows"]
    none = rig.api("GET", "ledger/activation?order=X")
    world = {"active": [service], "users": []}
    assert (rig.api("GET", "world"), row["product"], none) == ((200, world), "P1", (200, {"rows": []}))


def test_users_are_shown(rig: Rig, scene: Any) -> None:
    """By platform, with state and pay type."""
    message = rig.envelope("xplatform", "userInfoSync", scene.request("xplatform.userInfoSync", UserState="1"))
    rig.line().send("POST", "/services/xplatform", message)
    user = {"role": "xplatform", "number": "18907910001", "state": "1", "pay": "0"}
    assert rig.api("GET", "world")[1]["users"] == [user]


@pytest.mark.parametrize(("query", "count"), [("", 2), ("?role=crm", 1), ("?object=P1", 2), ("?role=crm&object=P2", 0)])
def test_the_catalogue_is_shown(rig: Rig, scene: Any, query: str, count: int) -> None:
    """By partner and object."""
    for role in ("crm", "ocs"):
        message = rig.envelope(role, "productInfoSync", scene.request(f"{role}.productInfoSync"))
        rig.line().send("POST", f"/services/{role}", message)
    status, told = rig.api("GET", f"catalogue{query}")
    assert (status, [one["object"] for one in told["objects"]]) == (200, ["P1"] * count)


def test_settings_are_shown_and_changed(rig: Rig) -> None:
    """Modes of the set's roles, and the gateway."""
    status, told = rig.api("POST", "settings", {"xplatform.mode": "callback", "gateway": "http://127.0.0.1:1"})
    assert (status, told) == (200, rig.api("GET", "settings")[1])
    assert (told["xplatform.mode"], told["ocs.mode"], told["gateway"], told["name"], told["port"]) == (
        "callback", "final", "http://127.0.0.1:1", "jiangxi", rig.port,
    )  # fmt: skip
    peer = rig.host.to("vsop")
    assert isinstance(peer, Peer)
    assert peer.url == "http://127.0.0.1:1/services/vsop"


def test_an_operation_may_have_a_mode_of_its_own(rig: Rig) -> None:
    """Shown beside the role's; null gives it back to the role, and so does a reset."""
    name = "xplatform.serverAction.mode"
    seen = [rig.api("POST", "settings", {name: mode})[1].get(name) for mode in ("refuse", None, "callback")]
    rig.api("POST", "reset")
    assert [*seen, rig.api("GET", "settings")[1].get(name)] == ["refuse", None, "callback", None]


def test_a_wrong_setting_changes_nothing(rig: Rig) -> None:
    """Not even the good ones beside it."""
    before = rig.api("GET", "settings")
    status, told = rig.api("POST", "settings", {"xplatform.mode": "callback", "ocs.mode": "callback"})
    reason = "ocs.mode: expected one of away, busy-once, final, lost, no-balance, refuse, slow"
    assert (status, told) == (400, {"error": reason})
    assert rig.api("GET", "settings") == before


def test_reset(rig: Rig, scene: Any) -> None:
    """Nothing is left but the gateway's address."""
    rig.api("POST", "settings", {"xplatform.mode": "callback", "gateway": "http://127.0.0.1:1"})
    rig.line().send("POST", "/services/ocs", rig.envelope("ocs", "feeCheck", scene.request("feeCheck")))
    assert rig.api("POST", "reset") == (200, {"reset": True})
    told = rig.api("GET", "settings")[1]
    left = (rig.api("GET", "journal")[1], told["xplatform.mode"], told["gateway"])
    assert left == ({"entries": []}, "final", "http://127.0.0.1:1")


def test_all_ledgers_in_one(rig: Rig, scene: Any) -> None:
    """The rows of all ledgers come as they were written, each with its ledger's name; what is known already is left out."""
    rig.line().send("POST", "/services/xplatform", rig.envelope("xplatform", "serverAction", scene.request("serverAction")))
    rig.line().send("POST", "/services/smshall", rig.envelope("smshall", "subResultToUser", scene.request("subResultToUser")))
    found = [[row["ledger"] for row in rig.api("GET", f"ledgers{after}")[1]["rows"]] for after in ("", "?after=1", "?after=9")]
    assert found == [["activation", "sms"], ["sms"], []]


def test_a_user_orders_through_the_api(rig: Rig) -> None:
    """Without a confirmation nothing is sent."""
    order = {"number": "18907910001", "offer": "F1", "confirm": False}
    status, told = rig.api("POST", "act/portal/order", order)
    (entry,) = rig.api("GET", f"journal?streaming_no={told['streaming_no']}")[1]["entries"]
    assert (status, entry["operation"], entry["answer"]) == (200, "confirm", {"confirmed": False})


def test_an_act_that_fails_later_says_so(root: Path, codecs: dict[str, Codec]) -> None:
    """502, when the gateway has given no answer."""
    rig = Rig(root, codecs, roles=("portal",))
    line = rig.line()
    line.send("POST", "/_stub/act/portal/order", b'{"number": "18907910001", "offer": "F1"}', "application/json")
    rig.reactor.pump([0.5] * 5)
    status, body = line.answer()
    assert (status, json.loads(body)["error"]) == (502, "subscribeToVSOP: no answer came; see the journal")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "ledger/gold", b"", 404, "no such ledger; there are activation, deactivation, suspension,"),
        ("GET", "journal?role=osc", b"", 400, "role: no role osc; there are ocs"),
        ("GET", "journals", b"", 404, "unknown; there are GET journal, GET ledger/NAME, GET ledgers, GET world,"),
        ("PUT", "settings", b"", 404, "unknown; there are"),
        ("POST", "act/portal/dance", b"", 404, "no such act in this set; there are: "),
        ("GET", "ledgers?after=-1", b"", 400, "after: expected how many rows are known already"),
        ("GET", "journal?roole=ocs", b"", 400, "unknown parameter roole; there are: role, operation,"),
        ("POST", "settings", b"{x", 400, "the body is not JSON (line 1, column 2)"),
        ("POST", "settings", b"\xff", 400, "the body is not JSON"),
        ("POST", "settings", b"[" * 100_000, 400, "the body is not JSON"),
        ("POST", "settings", b"[]", 400, "the body must be a JSON object"),
        ("POST", "settings", b'{"port": 1}', 400, "port cannot be set; there are gateway, ocs.mode,"),
        ("POST", "settings", b'{"ocs.mode": []}', 400, "ocs.mode: expected one of"),
        ("POST", "settings", b'{"ocs.mode": null}', 400, "ocs.mode: expected one of"),
        (
            "POST",
            "settings",
            b'{"ocs.serverAction.mode": "final"}',
            400,
            "ocs.serverAction.mode cannot be set; there are",
        ),
        ("POST", "settings", b'{"gateway": "x"}', 400, "gateway: expected an address such as"),
    ],
)
def test_a_wrong_request_is_told_why(rig: Rig, method: str, path: str, body: bytes, status: int, reason: str) -> None:
    """And what there is instead."""
    line = rig.line()
    line.send(method, f"/_stub/{path}", body, "application/json")
    told = line.answer()
    assert (told[0], json.loads(told[1])["error"].startswith(reason)) == (status, True)


def test_close_ends_everything(rig: Rig, scene: Any) -> None:
    """Also what is under way; no timer is left."""
    line = rig.line()
    slow = scene.request("serverAction", ProductNo="18907919003")
    line.send("POST", "/services/xplatform", rig.envelope("xplatform", "serverAction", slow))
    closed: list[None] = []
    rig.host.close().addCallback(closed.append)
    rig.reactor.advance(1)
    assert (closed, rig.reactor.getDelayedCalls()) == ([None], [])


def test_a_role_that_lacks_an_operation_stops_the_start(codecs: dict[str, Codec], scene: Any) -> None:
    """By name, at start."""
    with pytest.raises(Exception, match=r"operation serverAction has no handler in Ocs$"):
        StubEndpoint(codecs["xplatform"], scene.roles["ocs"], reference=str)


def test_stubs_reach_no_other_room(root: Path) -> None:
    """Of the gateway they load contracts, wire forms, errors and what counts for the metrics alone; Zeep stays outside."""
    rooms = "sorted({m.split('.')[1] for m in sys.modules if m.startswith('gateway.')})"
    code = f"import sys, stubs.kit.host; print({rooms}, 'zeep' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['contract', 'errors', 'legacy', 'resources', 'soap', 'tally'] False"
