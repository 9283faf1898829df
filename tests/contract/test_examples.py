"""The good messages of wsdl/examples and the table of wsdl/README.md: complete, valid, and answered as they show."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from examples import (
    EXAMPLES,
    GOOD,
    OPERATIONS,
    REQUESTS,
    WSDL,
    Script,
    ask,
    codec_of,
    decode,
    fault_of,
    name_of,
    wrap,
)
from lxml import etree

from gateway.contract.schema import ComplexType
from gateway.flows.sections import SECTIONS
from gateway.resources import etc_dir

STEPS = re.compile(r"([\d.]+b?): ([^;]+)").findall
SEED = {"2.1", "2.2", "3.1", "2.2b", "2.3", "3.1b", "3.2.1", "3.2.2", "3.2.3", "3.2.4",
        "4.1.1", "4.1.2", "4.1.3", "4.1.4"}  # fmt: skip
SHARED = "urn:vas:types:v1"


def test_every_operation_has_a_request_and_an_answer() -> None:
    """A new operation needs its two examples; an example needs its operation."""
    expected = {f"{name}/{operation}{part}" for name, operation in OPERATIONS for part in ("", "Response")}
    assert {name_of(path) for path in GOOD} == expected


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_example_survives_the_codec(path: Path) -> None:
    """What is decoded, encoded and decoded again is the same message, and what we write is valid."""
    contract = path.parent.name
    element = f"{{urn:vas:{contract}:v1}}{path.stem}"
    message = decode(contract, path.read_bytes())
    written = codec_of(contract).by_element[element].encode(message)
    assert decode(contract, wrap(contract, written)) == message


@pytest.mark.parametrize("path", REQUESTS, ids=name_of)
def test_request_is_answered_by_its_example(path: Path) -> None:
    """The handler gets the message, the caller gets the answer, both as the files show."""
    contract = path.parent.name
    answer = decode(contract, path.with_stem(f"{path.stem}Response").read_bytes())
    script = Script(contract, answer)
    sent = ask(contract, path.read_bytes(), script, action=f"urn:vas:{contract}:v1/{path.stem}")
    assert (sent.status, decode(contract, sent.body), script.asked) == (
        200,
        answer,
        [decode(contract, path.read_bytes())],
    )


@pytest.mark.parametrize("path", REQUESTS, ids=name_of)
def test_answer_belongs_to_its_request(path: Path) -> None:
    """Both examples of an operation carry one StreamingNo."""
    contract = path.parent.name
    request = decode(contract, path.read_bytes())
    assert decode(contract, path.with_stem(f"{path.stem}Response").read_bytes()).StreamingNo == request.StreamingNo


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_example_speaks_of_the_lab(path: Path) -> None:
    """Numbers, products, offers and partners are those of etc/lab, so that an example can be sent to the demo."""
    catalogue = tomllib.loads((etc_dir() / "lab/catalogue.toml").read_text())
    subscribers = tomllib.loads((etc_dir() / "lab/subscribers.toml").read_text())
    numbers = {user["number"] for user in subscribers["subscriber"]}
    products = {product["id"] for product in catalogue["product"]}
    offers = {offer["id"] for offer in catalogue["offer"]}
    known = dict.fromkeys(("ProductNo", "OldProductNo", "UserID", "OA", "DA", "FA"), numbers)
    known |= dict.fromkeys(("VProductID", "ProductID", "RProductID"), products)
    known |= dict.fromkeys(("ProductOfferID", "PProductOfferID"), offers)
    known |= {"ObjectID": products | offers, "SPID": {partner["id"] for partner in catalogue["sp"]}}
    used = [(etree.QName(node).localname, node.text) for node in etree.parse(path).getroot().iter(etree.Element)]
    assert [(name, text) for name, text in used if name in known and text not in known[name]] == []


@pytest.mark.parametrize(
    ("contract", "operation"),
    OPERATIONS,
)
def test_message_is_whole_in_one_namespace(contract: str, operation: str) -> None:
    """Inside the wrapper all fields are of the contract's namespace, or all of the shared one."""
    schemas = codec_of(contract).contract.schemas
    for element in (operation, f"{operation}Response"):
        found = _namespaces(schemas.element_type(f"{{urn:vas:{contract}:v1}}{element}"))
        assert found in ({f"urn:vas:{contract}:v1"}, {SHARED})


def _namespaces(made: ComplexType) -> set[str]:
    inner = [_namespaces(field.complex_type) for field in made.fields if field.complex_type is not None]
    return {field.namespace for field in made.fields}.union(*inner)


def test_fault_example_is_what_the_endpoint_says() -> None:
    """fault.xml is the answer to bad/vsop.short-number.xml, laid out for reading."""
    example = (EXAMPLES / "fault.xml").read_bytes()
    answer = ask("vsop", (EXAMPLES / "bad/vsop.short-number.xml").read_bytes())
    blanks = etree.XMLParser(remove_blank_text=True)
    assert etree.tostring(etree.fromstring(answer.body), method="c14n") == etree.tostring(
        etree.fromstring(example, blanks), method="c14n"
    )
    assert fault_of("vsop", answer).Violation[0].Field == "ProductNo"


def _table() -> list[list[str]]:
    """Rows of the operations' table: contract, operation, served by, called by, flow and step, code."""
    text = (WSDL / "README.md").read_text().partition("## Operations")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return rows[2:]


def test_table_has_every_operation_of_every_contract() -> None:
    """README.md lists each operation once, and none that does not exist."""
    assert sorted((row[0], row[1]) for row in _table()) == sorted(OPERATIONS)


def test_table_has_no_empty_cell() -> None:
    """Who serves, who calls, which step and which code is said for each."""
    assert [row for row in _table() if len(row) != 6 or not all(row)] == []


def test_table_names_sections_of_the_seed() -> None:
    """A step stands behind the id of its section; an operation that no section needs has `none`."""
    cells = [row[4] for row in _table() if row[4] != "none"]
    assert {section for cell in cells for section, _ in STEPS(cell)} == SEED
    read = ["; ".join(f"{section}: {numbers}" for section, numbers in STEPS(cell)) for cell in cells]
    assert read == cells


def test_table_names_steps_that_exist() -> None:
    """Each step of the table is a number of its section, where the code has the section."""
    for row in _table():
        for section, numbers in STEPS(row[4]):
            if section in SECTIONS:
                assert {n.strip(" +") for n in numbers.split(",")} <= _numbers(section), row


def _numbers(section: str) -> set[str]:
    own = SECTIONS[section]
    return {number.strip("+") for number in own.own.values()} | {step.number for step in own.outside}


OWN_ACTS = {"complete", "apply", "audit", "change-audit"}
"""Parts of a flow in which no message travels."""


@pytest.mark.parametrize("section", [s.id for s in SECTIONS.values() if s.in_seed])
def test_table_has_every_message_of_a_section(section: str) -> None:
    """Every step of the seed by which a message travels between two systems is some operation's."""
    own = SECTIONS[section].own
    sent = {number for part, number in own.items() if part not in OWN_ACTS and not number.startswith("+")}
    cells = [numbers for row in _table() for where, numbers in STEPS(row[4]) if where == section]
    assert sent - {""} <= {number.strip() for cell in cells for number in cell.split(",")}
