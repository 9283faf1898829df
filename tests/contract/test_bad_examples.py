"""Messages that break their contract: each is refused by a fault that names code, field, path and line, and nothing runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from examples import BAD, CONTRACTS, Script, ask, fault_of, name_of
from lxml import etree

from gateway.errors import RESULTS

EXPECT = re.compile(r"<!-- expect: field=(\S+) code=(\d+) -->")
NAMED = [path for path in BAD if not any(mark in path.read_text() for mark in ("field=- ", "field=XML ", "field=encoding "))]
VALUE = 5  # shorter values stand in patterns and line numbers by chance


def expected(path: Path) -> tuple[str, str]:
    """Read field and code from the example's comment."""
    match = EXPECT.search(path.read_text())
    assert match is not None, f"{path.name} says nothing of what is expected"
    return match[1], match[2]


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_fault_has_the_expected_code_and_field(path: Path) -> None:
    """The first violation is the one that the example is about; where no field is to blame, none is named."""
    field, code = expected(path)
    contract = path.name.split(".")[0]
    fault = fault_of(contract, ask(contract, path.read_bytes()))
    assert (fault.Violation[0].Field if fault.Violation else "-", fault.Code) == (field, code)


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_handler_is_never_run(path: Path) -> None:
    """A message that breaks its contract changes nothing."""
    contract = path.name.split(".")[0]
    script = Script(contract)
    ask(contract, path.read_bytes(), script)
    assert script.asked == []


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_fault_speaks_both_languages(path: Path) -> None:
    """Detail and faultstring have the table's text, in Chinese and English."""
    contract = path.name.split(".")[0]
    answer = ask(contract, path.read_bytes())
    fault, result = fault_of(contract, answer), RESULTS[int(expected(path)[1])]
    told = etree.fromstring(answer.body).findtext(".//faultstring")
    assert (result.zh in fault.MessageZh, result.en in fault.MessageEn) == (True, True)
    assert told == f"{fault.MessageZh} | {fault.MessageEn}"


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_violation_points_at_the_place(path: Path) -> None:
    """The path ends in the field, the line is the line of the file on which that field begins."""
    contract = path.name.split(".")[0]
    violation = fault_of(contract, ask(contract, path.read_bytes())).Violation[0]
    line = path.read_text().splitlines()[violation.Line - 1]
    assert re.sub(r"\[\d+\]$", "", violation.Path.split("/")[-1]) == violation.Field
    assert re.match(rf"\s*<(\w+:)?{violation.Field}[\s/>]", line)


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_violation_says_what_was_expected(path: Path) -> None:
    """In both languages, and in the fault's own text too."""
    contract = path.name.split(".")[0]
    fault = fault_of(contract, ask(contract, path.read_bytes()))
    violation = fault.Violation[0]
    assert fault.MessageZh.endswith(f"({violation.Path}, 第{violation.Line}行): {violation.ExpectedZh}")
    assert fault.MessageEn.endswith(f"({violation.Path}, line {violation.Line}): {violation.ExpectedEn}")
    assert re.search(r"[\u4e00-\u9fff]", violation.ExpectedZh)


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_no_value_is_repeated(path: Path) -> None:
    """Nothing that the sender wrote as text or attribute comes back."""
    contract = path.name.split(".")[0]
    answer = ask(contract, path.read_bytes()).body.decode()
    root = etree.parse(path).getroot()
    sent = {text.strip() for node in root.iter(etree.Element) for text in (node.text or "", node.tail or "")}
    sent |= {value for node in root.iter(etree.Element) for value in map(str, node.attrib.values())}
    assert [value for value in sent if len(value) >= VALUE and value in answer] == []


def test_there_are_enough_of_them() -> None:
    """Every contract has bad messages, and there are at least twenty that name a field."""
    assert len(NAMED) >= 20
    assert sorted({path.name.split(".")[0] for path in BAD}) == CONTRACTS
