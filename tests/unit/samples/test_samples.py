"""Samples keep their contracts, carry fresh numbers, and stay joined where the examples are."""

from __future__ import annotations

import ast
import re
import tomllib
from datetime import datetime
from functools import cache

import pytest

from gateway.contract import Codec, load_contract
from gateway.resources import contracts_dir, etc_dir
from gateway.samples import FORMS, NoSample, Numbering, Sample, Sampler, interfaces, sample_request
from gateway.samples.forms import answer_xml, curl, xml, zeep
from gateway.samples.interfaces import GROUP_ADDRESS
from gateway.samples.sampler import read_contract_names
from gateway.samples.stories import FILES_NEW, STORIES
from gateway.soap.envelope import parse_envelope
from gateway.vocabulary import CHINA

NOW = datetime(2027, 3, 1, 8, 30, 15, tzinfo=CHINA)
CONTRACTS = read_contract_names(contracts_dir())


@cache
def codec(contract: str) -> Codec:
    return Codec(load_contract(contracts_dir() / f"{contract}.wsdl"))


EVERY = [(name, operation) for name in CONTRACTS for operation in codec(name).contract.operations]


def sample(contract: str, operation: str, *, whole: bool = False, numbering: Numbering | None = None) -> Sample:
    return Sampler(codec(contract), numbering or Numbering(NOW, 0)).sample(operation, whole=whole)


@pytest.mark.parametrize("whole", [False, True], ids=["plain", "whole"])
@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_sample_keeps_its_contract(contract: str, operation: str, whole: bool) -> None:
    """Request and answer, as they are written for people, are valid messages and say what was meant."""
    made = sample(contract, operation, whole=whole)
    for text, element, message in (
        (xml(made), made.operation.request, made.request),
        (answer_xml(made), made.operation.response, made.answer),
    ):
        body = parse_envelope(text.encode(), None, frozenset()).body
        codec(contract).contract.validator.assertValid(body)
        assert codec(contract).by_element[element].decode(body) == message


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_numbers_are_fresh(contract: str, operation: str) -> None:
    """StreamingNo has 26 characters and begins with the sender, the time is now, and the answer echoes the number."""
    made = sample(contract, operation)
    assert made.request.TimeStamp == "20270301083015"
    assert re.fullmatch(rf"{made.request.SystemId}20270301083015[0-9]{{9}}", made.request.StreamingNo)
    assert made.answer.StreamingNo == made.request.StreamingNo


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_whole_sample_leaves_nothing_out(contract: str, operation: str) -> None:
    """With `whole` no field of the request is absent."""
    request = sample(contract, operation, whole=True).request
    assert [name for name in request.field_names if getattr(request, name) in (None, [])] == []


def test_order_is_asked_for_by_its_own_number() -> None:
    """The sample of orderStateQry asks for the order of the sample of subscribeToVSOP of the same set."""
    numbering = Numbering(NOW, 0)
    placed, asked = (sample("vsop", name, numbering=numbering).request for name in ("subscribeToVSOP", "orderStateQry"))
    assert (asked.OrderId, asked.OrderId.startswith("P20270301083015")) == (placed.OrderId, True)


def test_result_refers_to_the_request() -> None:
    """RefStreamingNo of a result is the StreamingNo of the activation of the same set."""
    numbering = Numbering(NOW, 0)
    asked, told = (sample("vsop", name, numbering=numbering).request for name in ("serverAction", "serverActionResult"))
    assert (told.RefStreamingNo, told.OrderId) == (asked.StreamingNo, asked.OrderId)


def test_two_samples_share_no_number() -> None:
    """A set of samples that begins a microsecond later has other numbers."""
    first, second = (
        sample("vsop", "subscribeToVSOP", numbering=Numbering(NOW.replace(microsecond=n))).request.StreamingNo for n in (1, 2)
    )
    assert first != second


def test_times_move_together() -> None:
    """A query over the month of its example covers today; the far end of a relation stays where it is."""
    history = sample("vsop", "subInstHisQryFromVSOP").request
    report = sample("vsop", "subsInstSynFromISMP").request
    assert history.BeginTime < "20270301" < history.EndTime
    assert (report.EffDate, report.ExpDate) == ("20270301083015", "20300101000000")


@pytest.mark.parametrize("name", FILES_NEW)
def test_what_is_filed_is_new(name: str) -> None:
    """An application brings an object that the lab's catalogue does not have, under an id of 21 digits."""
    catalogue = tomllib.loads((etc_dir() / "lab/catalogue.toml").read_text(encoding="utf-8"))
    outer, own = FILES_NEW[name]
    filed = getattr(getattr(sample(*name.split(".")).request, outer), own)
    assert filed not in {one["id"] for kind in ("product", "offer") for one in catalogue[kind]}
    assert re.fullmatch("[0-9]{21}", filed)


def test_stories_speak_of_operations_that_exist() -> None:
    """Both names of a story are operations of our contracts."""
    named = {*STORIES, *(story.after for story in STORIES.values() if story.after), *FILES_NEW}
    assert named <= {f"{contract}.{operation}" for contract, operation in EVERY}


def test_every_operation_is_in_the_table() -> None:
    """Who serves an operation and who calls it is read from wsdl/README.md; each row has its words."""
    rows = interfaces(contracts_dir())
    assert sorted(rows) == sorted(EVERY)
    assert [key for key, row in rows.items() if not (row.served_by and row.called_by) or row.called_by == "the same"] == []


def test_group_stands_where_the_samples_send() -> None:
    """Samples for the group alone go to the address of the lab's group."""
    group = tomllib.loads((etc_dir() / "group.toml").read_text(encoding="utf-8"))
    assert f"http://127.0.0.1:{group['gateway']['port']}/services/" == GROUP_ADDRESS
    assert sample("vsop", "serverAction").url == f"{GROUP_ADDRESS}vsop"


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_zeep_form_is_a_program(contract: str, operation: str) -> None:
    """What is written for Zeep is Python, no line longer than 140."""
    program = zeep(sample(contract, operation, whole=True))
    ast.parse(program)
    assert max(len(line) for line in program.splitlines()) <= 140


def test_a_quote_does_not_end_the_shell_command() -> None:
    """A value with a quote and markup stays one argument of curl, and one text."""
    made = sample("vsop", "subscribeToVSOP")
    made.request.OrderId = "it's <b>"
    assert "it'\"'\"'s &lt;b&gt;" in curl(made)


def test_soapui_form_holds_the_envelope() -> None:
    """The project carries the message unchanged, once to look at and once to be sent."""
    made = sample("vsop", "subscribeToVSOP")
    project = FORMS["soapui"].write(made)
    assert project.count(xml(made).partition("\n")[2]) == 2


def test_request_for_other_tools() -> None:
    """`sample_request` gives a message with other values where they are asked for."""
    request = sample_request(codec("vsop"), "subscribeToVSOP", NOW, 7, ProductNo="18907910009")
    assert (request.ProductNo, request.StreamingNo) == ("18907910009", "21120270301083015000000008")


@pytest.mark.parametrize(("operation", "changes"), [("subscribe", {}), ("subscribeToVSOP", {"Productno": "1"})])
def test_unknown_name_is_told(operation: str, changes: dict[str, str]) -> None:
    """An operation or a field that is not there is refused with all that are."""
    with pytest.raises(NoSample, match="there are"):
        sample_request(codec("vsop"), operation, NOW, **changes)
