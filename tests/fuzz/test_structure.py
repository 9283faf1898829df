"""Messages made from the schemas: good ones are taken and come out as they went in, broken ones are refused by name."""

from __future__ import annotations

import random

import pytest
from budget import budget
from examples import codec_of
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from message_model import Operation
from messages import KINDS, any_message, any_operation, broken, envelope, good_answers, judge
from probe import BODY

from gateway.contract.document import CONTRACT_FAULT

pytestmark = pytest.mark.e2e
versions = st.sampled_from(["1.1", "1.2"])


def content(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(node.tag), "" if len(node) else node.text or "") for node in element.iter()]


def round_trip(operation: Operation, element: etree._Element) -> etree._Element:
    codec = codec_of(operation.contract)
    each = codec.by_element[str(element.tag)]
    text = each.encode(each.decode(element))
    opening, _, rest = text.partition(">")
    return etree.fromstring(f"{opening}{codec.namespace_declarations()}>{rest}")


def spelled(element: etree._Element) -> list[tuple[str, str]]:
    """Content with truth as we write it."""
    truths = {"1": "true", "0": "false"}
    return [(tag, truths.get(text, text) if tag.endswith("}PartialAllowed") else text) for tag, text in content(element)]


@budget(400)
@given(any_message)
def test_good_request_survives_the_codec(message: tuple[Operation, etree._Element]) -> None:
    """What the schema takes, our reader reads and our writer writes again, to the character."""
    operation, element = message
    judge(operation.contract).assertValid(element)
    assert content(round_trip(operation, element)) == spelled(element)


@budget(300)
@given(any_operation.flatmap(lambda operation: st.tuples(st.just(operation), good_answers(operation))))
def test_good_answer_survives_the_codec(message: tuple[Operation, etree._Element]) -> None:
    """The same for answers."""
    operation, element = message
    judge(operation.contract).assertValid(element)
    assert content(round_trip(operation, element)) == spelled(element)


def judged(contract: str, body: bytes) -> etree._Element:
    """What stands in the Body of an answer, after the schema has taken it."""
    element = etree.fromstring(body)[0][0]
    if etree.QName(element).localname == "Fault":
        element = next(element.iter(CONTRACT_FAULT))
    judge(contract).assertValid(element)
    return element


@budget(250)
@given(any_message, versions)
def test_good_request_gets_an_answer_of_its_contract(probe, message: tuple[Operation, etree._Element], soap: str) -> None:
    """Whatever the business says to it, the answer keeps the contract and bears the request's number, or names a day that there is not."""
    operation, element = message
    answer = probe.send(f"/services/{operation.contract}", envelope(element, soap), KINDS[soap])
    told = judged(operation.contract, answer.body)
    if answer.status == 200:
        assert (told.tag, told[0].text) == (f"{operation.tag}Response", element[0].text)
    else:
        assert told[0].text == "1011", etree.tostring(told, encoding="unicode")


@budget(600)
@given(any_message, versions, st.integers(0, 2**32))
def test_broken_request_is_refused_and_leaves_nothing(lab, probe, message: tuple[Operation, etree._Element], soap: str, seed: int) -> None:
    """The gateway refuses exactly what the schema refuses, by a typed fault of the version, and holds no order of it."""
    operation, element = message
    changed = broken(element, random.Random(seed))
    valid = judge(operation.contract).validate(changed) and changed.tag == operation.tag
    data = envelope(changed, soap)
    answer = probe.send(f"/services/{operation.contract}", data, KINDS[soap])
    if answer.status == 413:
        assert len(data) > BODY
        return
    told = judged(operation.contract, answer.body)
    if answer.status == 200:
        assert valid
    else:
        assert told.tag == CONTRACT_FAULT
        assert not valid or told[0].text in ("1009", "1011")  # above a limit, or a day that there is not
        order = changed.findtext(f"{{{operation.namespace}}}OrderId")
        assert operation.name != "subscribeToVSOP" or not order or lab.admin("jiangxi").get(f"orders/{order}") is None
