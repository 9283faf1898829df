"""What the clients cannot do or do their own way, as they do it today: each with the reason and what a partner has to know.

A newer client that does better fails here; then the expectation is changed, not the gateway.
"""

from __future__ import annotations

import re

import pytest
from kits import CLIENTS
from testlab import get

pytestmark = pytest.mark.interop
TONE = "115000000000000000101"



def only(*languages: str):
    """Tests of some clients alone, in each of their versions."""
    names = [name for name in CLIENTS if name.split("-")[0] in languages]
    return pytest.mark.parametrize("client", names, indirect=True)


php, node, zeep, suds, gsoap, jaxws = map(only, ("php", "node", "zeep", "suds", "gsoap", "jaxws"))
python, compiled = only("zeep", "suds"), only("gsoap", "jaxws")
untyped, typed = only("php", "node", "suds"), only("zeep", "gsoap", "jaxws")
prefixed = only("php", "node", "suds", "zeep", "gsoap")
strings = only("php", "node", "suds", "zeep", "jaxws")
sequence = only("php", "suds", "zeep", "gsoap", "jaxws")


@pytest.fixture
def subscribe(lab, client):
    """Send an order by the client."""
    return lambda fields: client.call(lab.url("jiangxi"), "subscribeToVSOP", fields)


@pytest.fixture
def order(lab, fresh_number):
    """Fields of a good order."""
    return lab.request(fresh_number(), TONE)


@untyped
def test_fault_detail_is_read_without_the_contract(subscribe, lab):
    """PHP, node and suds read a fault's detail as plain text: numbers stay strings, and a repeated element that came once is no list."""
    violation = subscribe(lab.request("999", TONE)).fault["detail"]["ContractFault"]["Violation"]
    assert (type(violation), type(violation["Line"])) == (dict, str)


@typed
def test_fault_detail_is_typed(subscribe, lab):
    """Zeep, gSOAP and JAX-WS read it by the contract: a list of violations, the line a number."""
    violation = subscribe(lab.request("999", TONE)).fault["detail"]["ContractFault"]["Violation"]
    assert (type(violation), type(violation[0]["Line"])) == (list, int)


@prefixed
def test_fault_code_keeps_the_messages_prefix(subscribe, client, lab):
    """The fault code comes as written, prefix and all: programs must compare what follows the colon."""
    code = subscribe(lab.request("999", TONE)).fault["code"]
    assert code.split(":")[-1] == {"1.1": "Client", "1.2": "Sender"}[client.soap] != code


@jaxws
def test_jaxws_hides_the_fault_code(subscribe, lab):
    """The exception that wsimport makes of a declared fault has its detail and its text, and no code of SOAP."""
    fault = subscribe(lab.request("999", TONE)).fault
    assert (fault["code"], "[1006]" in fault["message"]) == (None, True)


def test_fault_text_is_in_both_languages(subscribe, client, lab):
    """One text, Chinese first, in either version: of a SOAP 1.2 Reason with two Texts, gSOAP loses the whole fault."""
    fault = subscribe(lab.request("999", TONE)).fault
    assert ("报文不符合契约" in fault["message"], "breaks its contract" in fault["message"]) == (True, True)


@node
def test_node_needs_prefixes_for_messages_of_the_shared_namespace(lab, client):
    """Where a message's type is in urn:vas:types:v1, the package leaves its children in the contract's; the fault says what is expected."""
    fields = {"StreamingNo": "201Q00001", "TimeStamp": "20261124120000", "SystemId": "201"}
    outcome = client.call(lab.url("jiangxi"), "workListFKToVSOP", fields, as_given=True)
    assert outcome.violations[0]["ExpectedEn"] == "here the contract expects {urn:vas:types:v1}StreamingNo"


@gsoap
def test_gsoap_does_not_send_what_is_not_in_a_closed_list(subscribe, order):
    """A closed list is a C++ enum: a program with another value is not compiled, or refused by the function that reads it."""
    outcome = subscribe({**order, "ActionType": "7"})
    assert (outcome.sent, outcome.refused) == (None, "7")


@strings
def test_closed_lists_are_plain_text_to_the_others(subscribe, order):
    """They send what they are given, and the gateway names it; wsimport makes no enum of a list of digits."""
    assert subscribe({**order, "ActionType": "7"}).broken == ("1006", ["ActionType"])


@gsoap
def test_gsoap_sends_a_required_field_empty(subscribe, order):
    """A required member of a C++ class is always there: left out by the program it is sent empty, and the gateway names it."""
    assert subscribe({key: value for key, value in order.items() if key != "OrderId"}).broken == ("1006", ["OrderId"])


@jaxws
def test_jaxws_sends_without_a_required_field(subscribe, order):
    """JAXB checks nothing unless it is given a schema."""
    violation = subscribe({key: value for key, value in order.items() if key != "OrderId"}).violations[0]
    assert (violation["Field"], violation["ExpectedEn"]) == ("ProdSpecCode", "here the contract expects OrderId")


@compiled
def test_generated_classes_have_no_unknown_member(subscribe, order):
    """A field that the contract does not know cannot be given to a class that was made of it."""
    outcome = subscribe({**order, "Remark": "x"})
    assert (outcome.sent, outcome.refused is None) == (None, False)


@python
def test_zeep_and_suds_do_not_send_what_the_contract_does_not_know(subscribe, order):
    """Both raise TypeError in the program."""
    outcome = subscribe({**order, "Remark": "x"})
    assert (outcome.sent, "Remark" in outcome.refused) == (None, True)


@zeep
def test_zeep_does_not_send_without_a_required_field(subscribe, order):
    """Zeep refuses by itself, and names the field."""
    outcome = subscribe({key: value for key, value in order.items() if key != "OrderId"})
    assert (outcome.sent, outcome.refused) == (None, "Missing element OrderId (subscribeToVSOP.OrderId)")


@suds
def test_suds_sends_a_required_field_empty(subscribe, order):
    """A required field that the program left out is sent empty, and the gateway names it."""
    assert subscribe({key: value for key, value in order.items() if key != "OrderId"}).broken == ("1006", ["OrderId"])


@sequence
def test_order_of_fields_is_the_contracts(subscribe, order):
    """All but node put members into the contract's sequence, however the program gave them."""
    assert subscribe(dict(reversed(order.items()))).answer["ResultCode"] == "0"


@sequence
def test_null_is_left_out(subscribe, order):
    """All but node leave an optional field out that is given as null."""
    order["ProductOfferInfo"][0]["EffDate"] = None
    outcome = subscribe(order)
    assert (outcome.answer["ResultCode"], "EffDate" in outcome.sent) == ("0", False)


@node
def test_node_sends_fields_as_the_program_gave_them(subscribe, order):
    """The package does not order members: a program must, or the fault names the first field out of place."""
    assert subscribe(dict(reversed(order.items()))).broken == ("1006", ["ProductOfferInfo"])


@php
def test_php_drops_what_the_contract_does_not_know(subscribe, order):
    """SoapClient leaves unknown members out without a word, so the gateway cannot tell."""
    outcome = subscribe({**order, "Remark": "x"})
    assert (outcome.answer["ResultCode"], "Remark" in outcome.sent) == ("0", False)


@node
def test_node_sends_what_the_contract_does_not_know(subscribe, order):
    """The package sends unknown members; the gateway names them."""
    assert subscribe({**order, "Remark": "x"}).broken == ("1006", ["Remark"])


@php
def test_php_does_not_send_without_a_required_field(subscribe, order):
    """SoapClient refuses by itself: such a mistake never reaches the gateway."""
    outcome = subscribe({key: value for key, value in order.items() if key != "OrderId"})
    assert (outcome.sent, outcome.refused) == (None, "SOAP-ERROR: Encoding: object has no 'OrderId' property")


@node
def test_node_sends_without_a_required_field(subscribe, order):
    """The package checks nothing; the fault names the field that stands in the missing one's place, and which one is missing."""
    violation = subscribe({key: value for key, value in order.items() if key != "OrderId"}).violations[0]
    assert (violation["Field"], violation["ExpectedEn"]) == ("ProdSpecCode", "here the contract expects OrderId")


@node
def test_node_sends_null_as_nil(subscribe, order):
    """An optional field given as null is sent as xsi:nil, which no field allows: programs leave it undefined instead."""
    order["ProductOfferInfo"][0]["EffDate"] = None
    assert subscribe(order).broken == ("1006", ["EffDate"])


def test_contract_has_no_nil_that_node_could_drop(lab):
    """The package drops nil members of answers; nothing is lost, for the served schemas have none."""
    url = lab.url("jiangxi")
    names = re.findall(rb'schemaLocation="(xsd/[^"]+)"', get(f"{url}?wsdl")[2])
    schemas = [get(url.rpartition("/")[0] + "/" + name.decode())[2] for name in names]
    assert (len(schemas), b"nillable" in b"".join(schemas)) == (2, False)
