"""A lab of its own for clients of other languages: group and Jiangxi as real processes, and one order of each client."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from foreign import ForeignClient, Outcome
from kits import CLIENTS, command_of
from testlab import TestLab

NUMBERS = [f"18907917{i:03d}" for i in range(400)]
TONE, TONE_BOX = "115000000000000000101", "115000000000000000103"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Group, Jiangxi and their partners; at the end each process must have drained with exit 0."""
    lab = TestLab(tmp_path_factory.mktemp("interop"), ("group", "jiangxi"), NUMBERS)
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


@pytest.fixture(scope="session")
def fresh_number():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda: next(numbers)


@pytest.fixture(scope="session")
def clients():
    """Clients by name, such as php-1.1; each is started when it is first asked for."""
    started: dict[str, ForeignClient] = {}

    def client_of(name: str) -> ForeignClient:
        if name not in started or started[name].ended:
            language, soap = name.split("-")
            started[name] = ForeignClient(language, soap, command_of(language))
        return started[name]

    yield client_of
    for client in started.values():
        client.close()


@pytest.fixture(scope="session", params=CLIENTS)
def client(request, clients) -> ForeignClient:
    """A client of another language in one SOAP version; tests of one client's limits choose it by indirect parameters."""
    return clients(request.param)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order of two offers that a client placed, sent once more, and asked for when it had ended."""

    request: dict
    first: Outcome
    again: Outcome
    legs: list[dict]
    state: Outcome


@pytest.fixture(scope="session")
def placed(lab, client, fresh_number) -> Placed:
    """One accepted order of each client; its tests look at one fact each."""
    url = lab.url("jiangxi")
    request = lab.request(fresh_number(), TONE, TONE_BOX)
    first = client.call(url, "subscribeToVSOP", request)
    again = client.call(url, "subscribeToVSOP", request)
    legs = lab.settled("jiangxi", request["OrderId"])
    question = {
        "StreamingNo": f"{request['StreamingNo']}Q",
        **{key: request[key] for key in ("TimeStamp", "SystemId", "OrderId")},
    }
    return Placed(request, first, again, legs, client.call(url, "orderStateQry", question))
