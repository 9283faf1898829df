"""What the clients cannot do or do their own way, as they do it today: each with the reason and what a partner has to know.

A newer client that does better fails here; then the expectation is changed, not the gateway.
"""

from __future__ import annotations

import re

import pytest
from testlab import get

pytestmark = pytest.mark.interop
TONE = "115000000000000000101"

php = pytest.mark.parametrize("client", ["php-1.1", "php-1.2"], indirect=True)
node = pytest.mark.parametrize("client", ["node-1.1", "node-1.2"], indirect=True)
php12 = pytest.mark.parametrize("client", ["php-1.2"], indirect=True)
node12 = pytest.mark.parametrize("client", ["node-1.2"], indirect=True)


@pytest.fixture
def subscribe(lab, client):
    """Send an order by the client."""
    return lambda fields: client.call(lab.url("jiangxi"), "subscribeToVSOP", fields)


@pytest.fixture
def order(lab, fresh_number):
    """Fields of a good order."""
    return lab.request(fresh_number(), TONE)


def test_fault_detail_is_read_without_the_contract(subscribe, lab):
    """Both clients read a fault's detail as plain text: numbers stay strings, and a repeated element that came once is no list."""
    violation = subscribe(lab.request("999", TONE)).fault["detail"]["ContractFault"]["Violation"]
    assert (type(violation), type(violation["Line"])) == (dict, str)


def test_fault_code_keeps_the_messages_prefix(subscribe, client, lab):
    """Both clients give the fault code as written, prefix and all: programs must compare what follows the colon."""
    code = subscribe(lab.request("999", TONE)).fault["code"]
    assert code.split(":")[-1] == {"1.1": "Client", "1.2": "Sender"}[client.soap] != code


@node12
def test_node_soap12_fault_message_is_of_no_use(subscribe, lab):
    """The package prints the subcode, which SOAP 1.2 leaves out, and two languages as objects; the detail that follows has all."""
    message = subscribe(lab.request("999", TONE)).fault["message"]
    assert message.startswith('s:Sender: undefined: [object Object],[object Object]: {"ContractFault":{"Code":"1006"')


@php12
def test_php_soap12_reason_is_in_one_language(subscribe, lab):
    """SoapClient takes the first Reason alone, which is the English one; the Chinese one is in the detail."""
    fault = subscribe(lab.request("999", TONE)).fault
    assert fault["message"] == fault["detail"]["ContractFault"]["MessageEn"]


@php
def test_php_sends_fields_in_the_contracts_order(subscribe, order):
    """SoapClient puts members into the contract's sequence, however the program gave them."""
    assert subscribe(dict(reversed(order.items()))).answer["ResultCode"] == "0"


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


@php
def test_php_leaves_out_null(subscribe, order):
    """An optional field given as null is not sent."""
    order["ProductOfferInfo"][0]["EffDate"] = None
    outcome = subscribe(order)
    assert (outcome.answer["ResultCode"], "EffDate" in outcome.sent) == ("0", False)


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
