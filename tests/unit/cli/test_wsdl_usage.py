"""`vsopgw wsdl usage`: who still calls older versions, at each gateway."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli import wsdl_usage
from gateway.cli.errors import Unreachable
from gateway.cli.main import main

CALLER = {"contract": "vsop", "version": "v0", "system": "211", "peer": "10.0.0.5", "calls": 12,
          "first": "2026-11-24T09:00:00+08:00", "last": "2026-11-24T12:00:00+08:00", "operation": "subscribeToVSOP"}  # fmt: skip


class Gateway:
    """A gateway's admin API, or nobody."""

    def __init__(self, name, *callers, down=False) -> None:
        self.name, self.callers, self.down = name, list(callers), down

    def get(self, path):
        assert path == "older"
        if self.down:
            raise Unreachable(f"{self.name}: no answer")
        return self.callers


@pytest.fixture
def usage(monkeypatch):
    """Run the command against these gateways."""

    def command(*gateways):
        monkeypatch.setattr(wsdl_usage, "clients", lambda files: list(gateways))
        done = CliRunner().invoke(main, ["wsdl", "usage"])
        return done.exit_code, done.stdout.splitlines()

    return command


def test_callers_are_listed(usage):
    """Who, where, how often, when last and what."""
    code, lines = usage(Gateway("jiangxi", CALLER), Gateway("group"))
    assert (code, lines[0], lines[1].split(), lines[2:]) == (
        0, "jiangxi", ["vsop", "v0", "211", "at", "10.0.0.5", "12", "calls,", "last", "2026-11-24T12:00:00", "subscribeToVSOP"],
        ["group", "  nobody calls an older version"],
    )  # fmt: skip


def test_gateway_that_is_down_is_passed_over(usage):
    """The others are shown."""
    assert usage(Gateway("jiangxi", down=True), Gateway("group"))[0] == 0


def test_nobody_answers(usage):
    """Exit 3."""
    assert usage(Gateway("jiangxi", down=True)) == (3, [])
