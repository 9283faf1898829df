"""`vsopgw partner list`: every gateway's partners, a line for each and one more for each trouble."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli import partner
from gateway.cli.errors import Unreachable
from gateway.cli.main import main


def operation(name, breaker="closed", seconds=0.0):
    return {"operation": name, "breaker": breaker, "seconds": seconds, "under_way": 0}


class Gateway:
    """A gateway's admin API, or nobody."""

    def __init__(self, name, *partners, down=False) -> None:
        self.name, self.partners, self.down, self.callers = name, list(partners), down, []

    def get(self, path):
        if path == "callers":
            return self.callers
        assert path == "partners"
        if self.down:
            raise Unreachable(f"{self.name}: no answer")
        return self.partners


OCS = {"party": "ocs", "url": "http://10.0.0.9:7080/services/ocs", "open_calls": 3, "operations": [operation("feeCheck")]}
X = {
    "party": "xplatform:303", "url": "http://10.0.0.8/services/xplatform", "open_calls": 0,
    "operations": [operation("serverAction", "open", 7.5), operation("userInfoSync", "probing"), operation("productInfoSync")],
}  # fmt: skip
CRM = {"party": "crm", "url": "http://10.0.0.7/services/crm", "open_calls": 0, "operations": []}


@pytest.fixture
def listing(monkeypatch):
    """Run the command against these gateways."""

    def command(*gateways):
        monkeypatch.setattr(partner, "clients", lambda files: list(gateways))
        return CliRunner().invoke(main, ["partner", "list"])

    return command


def test_list(listing):
    """Host, state and calls of each partner; operations only where they are in trouble."""
    assert listing(Gateway("jiangxi", OCS, X, CRM)).stdout.splitlines() == [
        "jiangxi",
        "  ocs             10.0.0.9:7080           ok          calls 3",
        "  xplatform:303   10.0.0.8                TROUBLE 故障  calls 0",
        "    serverAction: OPEN 熔断, next call in 7.5 s",
        "    userInfoSync: probing 试探",
        "  crm             10.0.0.7                unused      calls 0",
    ]


def test_one_gateway_is_down(listing):
    """The others are shown all the same."""
    ended = listing(Gateway("group", down=True), Gateway("jiangxi", CRM))
    assert (ended.exit_code, "group: no answer" in ended.stderr, "jiangxi" in ended.stdout) == (0, True, True)


def test_nobody_answers(listing):
    """Exit 3."""
    assert listing(Gateway("group", down=True)).exit_code == 3


def test_callers_stand_below(listing):
    """Who may call is a line each, with the state."""
    gateway = Gateway("jiangxi")
    gateway.callers = [{"name": "portal", "systems": ["211"], "state": "suspended", "authentication": ["mtls"], "today": 7,
                        "rate": None, "day": {"requests": 9, "mode": "report"}}]
    assert listing(gateway).stdout.splitlines()[1].split() == ["<-", "portal", "211", "SUSPENDED", "暂停", "mtls,", "today", "7"]
