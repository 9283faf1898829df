"""Six clients call every operation that a gateway serves: what a program gave is what the handler reads, and the other way round.

The server is the gateway's own front with handlers that do nothing but answer by sample (mirror.py). A call is made in three forms:
required elements alone, every element once, and those that repeat twice.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path

import pytest
from foreign import present
from kits import CLIENTS
from message_model import ROUTING, SERVED_OPERATIONS, Operation, model
from samples import FORMS
from testlab import free_ports

pytestmark = pytest.mark.interop


class Mirror:
    """The server process, and what it says that it was asked."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        script = Path(__file__).with_name("mirror.py")
        self._popen = subprocess.Popen([sys.executable, str(script), str(self.port)], stdout=subprocess.PIPE, encoding="utf-8")
        assert self.told() == {"ready": True}

    def url(self, contract: str) -> str:
        return f"http://127.0.0.1:{self.port}/services/{contract}"

    def told(self) -> dict:
        ready, _, _ = select.select([self._popen.stdout], [], [], 30)
        assert ready, "the server was not asked"
        return json.loads(self._popen.stdout.readline())

    def close(self) -> None:
        self._popen.terminate()
        self._popen.wait(10)
        self._popen.stdout.close()


@pytest.fixture(scope="module")
def mirror():
    """The server of this module."""
    made = Mirror()
    yield made
    made.close()


EVERY = [pytest.param(operation, form, id=f"{operation}-{form}") for operation in SERVED_OPERATIONS for form in FORMS]
V = {"1.1": "V11", "1.2": "V12"}

# What these clients themselves cannot do: a number of a restricted type is given to the program as text, for they look for the
# built-in type in the schema and do not go down to it. Programs convert `Balance` and `Version`.
NUMBERS_AS_TEXT = {"suds", "node"}


def spelled(value):
    """The same with numbers as text."""
    if isinstance(value, dict):
        return {name: spelled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [spelled(item) for item in value]
    return str(value)


@pytest.mark.parametrize(("operation", "form"), EVERY)
def test_both_sides_read_what_was_said(mirror, client, operation: Operation, form: str) -> None:
    """Every field of request and answer, with Chinese text and what has to be escaped; what is absent stays absent."""
    given = {**FORMS[form](operation.request), "StreamingNo": f"{form}0001"}
    outcome = client.call(mirror.url(operation.contract), operation.name, given)
    assert outcome.answer is not None, outcome
    answer = {**FORMS[form](operation.response), "StreamingNo": f"{form}0001"}
    told = mirror.told()
    assert (told["operation"], told["soap"], told["asked"]) == (operation.name, V[client.soap], given)
    assert present(outcome.answer) == (spelled(answer) if client.language in NUMBERS_AS_TEXT else answer)


@pytest.mark.parametrize("operation", [pytest.param(each, id=str(each)) for each in SERVED_OPERATIONS])
def test_routing_header_arrives(mirror, client, operation: Operation) -> None:
    """The optional header block between tiers can be sent with every operation."""
    block = FORMS["single"](model().element(ROUTING))
    given = {**FORMS["thin"](operation.request), "StreamingNo": "thin0002"}
    assert client.call(mirror.url(operation.contract), operation.name, given, routing=block).answer is not None
    assert mirror.told()["routing"] == block


@pytest.mark.parametrize("operation", [pytest.param(each, id=str(each)) for each in SERVED_OPERATIONS])
def test_broken_contract_is_a_typed_fault(mirror, client, operation: Operation) -> None:
    """Every operation's fault reaches the program, with its detail: a TimeStamp in words is named."""
    given = {**FORMS["thin"](operation.request), "StreamingNo": "thin0003", "TimeStamp": "昨天"}
    outcome = client.call(mirror.url(operation.contract), operation.name, given)
    assert outcome.fault is not None, outcome
    assert outcome.broken == ("1006", ["TimeStamp"])


def test_every_client_is_in_the_table() -> None:
    """Six clients, five of them in both versions of SOAP."""
    assert len(CLIENTS) == 11
