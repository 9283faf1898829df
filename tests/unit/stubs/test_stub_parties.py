"""Every party answers every operation of its contract, with the contract's own examples, and both ways are held to the contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from stub_rig import Rig

from gateway.contract import Codec
from gateway.contract.document import operation_names
from stubs.roles import ROLES

ROOT = Path(__file__).parents[3]
OPERATIONS = [
    (role.name, operation) for role in ROLES.values() for operation in operation_names(ROOT / "wsdl" / f"{role.contract}.wsdl")
]
WORLD = tuple(ROOT / "etc/lab" / name for name in ("subscribers.toml", "catalogue.toml", "parties.toml"))


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(ROOT, {}, world=WORLD)


def post(rig: Rig, role: str, body: bytes) -> tuple[int, bytes]:
    line = rig.line()
    line.send("POST", f"/services/{role}", body)
    return line.answer()


@pytest.mark.parametrize(("role", "operation"), OPERATIONS, ids=str)
def test_an_example_is_answered_by_the_contract(rig: Rig, codecs: dict[str, Codec], root: Path, role: str, operation: str) -> None:
    """200, and an answer that is valid and bears the request's StreamingNo."""
    contract = codecs[role].contract
    example = (root / "wsdl/examples" / contract.name / f"{operation}.xml").read_bytes()
    if contract.name == "ismp":  # a postpaid user, of whom OCS is not asked: nothing is sent here
        example = re.sub(rb">1[0-9]{10}<", b">18907910202<", example)
    status, body = post(rig, role, example)
    found = etree.fromstring(body)[0][0]
    contract.validator.assertValid(found)
    number = re.search(rb"StreamingNo>([^<]+)<", example)
    assert number is not None
    assert (status, found.tag, found[0].text) == (200, contract.operations[operation].response, number[1].decode())


@pytest.mark.parametrize("role", ROLES)
def test_what_breaks_the_contract_is_refused(rig: Rig, codecs: dict[str, Codec], root: Path, role: str) -> None:
    """Code 1006, and no role has seen it."""
    contract = codecs[role].contract
    example = (root / "wsdl/examples" / contract.name / f"{next(iter(contract.operations))}.xml").read_bytes()
    before = rig.host.stage.journal.find(role=role)
    status, body = post(rig, role, example.replace(b"<TimeStamp>20", b"<TimeStamp>XX").replace(b"TimeStamp>20", b"TimeStamp>XX"))
    assert (status, b"[1006]" in body, rig.host.stage.journal.find(role=role)) == (500, True, before)


@pytest.mark.parametrize(("role", "system"), [("ismp", "204"), ("ismp-b", "203"), ("ismp-m", "204"), ("ismp-w", "205"), ("vsop", "100")])
def test_parties_of_one_contract_have_codes_of_their_own(role: str, system: str) -> None:
    """As the operator numbers its systems."""
    assert ROLES[role].system == system


def test_each_ismp_has_relations_of_its_own(rig: Rig) -> None:
    """What ISMP-B holds, ISMP-W does not; a product of another ISMP is unknown here."""
    held = {
        one.role: one.product for one in rig.host.stage.world.services.active.values() if one.number == "18907910201" and "ismp" in one.role
    }
    roles: Any = rig.host.roles
    assert held == {
        "ismp": "115000000000000000201", "ismp-m": "115000000000000000201",
        "ismp-b": "115000000000000000251", "ismp-w": "115000000000000000252",
    }  # fmt: skip
    assert (roles["ismp-b"]._why_not("115000000000000000251"), roles["ismp-w"]._why_not("115000000000000000251").code) == (None, 4001)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("feeCheck", "feeChek", "did you mean feeCheck?"),
        ("feeCheck", "FEECHECK", "did you mean feeCheck?"),
        ("feeCheck", "serverActions", "the nearest is serverAction of the contract xplatform, at http://127.0.0.1:7115/services/xplatform"),
        ("feeCheck", "zzz", "no operation here has a name like it"),
        ("urn:vas:ocs:v1", "urn:vas:ocs:v9", "feeCheck is in the namespace urn:vas:ocs:v1, not in urn:vas:ocs:v9"),
    ],
)
def test_an_unknown_operation_is_told_the_nearest(rig: Rig, root: Path, before: str, after: str, told: str) -> None:
    """In the fault, with the address where the operation is served if it is of another contract."""
    example = (root / "wsdl/examples/ocs/feeCheck.xml").read_text("utf-8").replace(before, after)
    status, body = post(rig, "ocs", example.encode())
    assert (status, b"[1005]" in body, told in body.decode()) == (500, True, True), body.decode()


def test_a_message_at_the_wrong_address_is_told_the_right_one(rig: Rig, root: Path) -> None:
    """An operation of another contract of the set."""
    _, body = post(rig, "ocs", (root / "wsdl/examples/xplatform/serverAction.xml").read_bytes())
    assert "it is of the contract xplatform: send it to http://127.0.0.1:7115/services/xplatform" in body.decode()


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/", 200, "/services/ismp-b  (?wsdl)  subActionFromVSOP"),
        ("/services/", 200, "/services/ocs  (?wsdl)  feeCheck"),
        ("/services/oc?wsdl", 404, "did you mean http://127.0.0.1:7115/services/ocs?"),
        ("/index.html", 404, "/services/ppm  (?wsdl)"),
    ],
)
def test_who_asks_for_what_is_not_here_is_shown_what_is(rig: Rig, path: str, status: int, told: str) -> None:
    """With addresses and operations."""
    line = rig.line()
    line.send("GET", path)
    found, body = line.answer()
    assert (found, told in body.decode()) == (status, True), body.decode()


@pytest.mark.parametrize("role", ["ismp", "ismp-b", "ismp-w"])
@pytest.mark.parametrize("query", ["wsdl", "wsdl&soap=1.2"])
def test_each_party_publishes_the_contract_with_its_address(rig: Rig, role: str, query: str) -> None:
    """One contract, three addresses, in both versions of SOAP."""
    line = rig.line()
    line.send("GET", f"/services/{role}?{query}")
    status, body = line.answer()
    assert (status, f'location="http://127.0.0.1:7115/services/{role}"'.encode() in body) == (200, True)
