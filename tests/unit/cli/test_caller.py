"""`vsopgw partner show|suspend|...`: what is asked of the gateways, and what is shown."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli import caller
from gateway.cli.errors import Unreachable
from gateway.cli.main import main

VIEW = {
    "name": "portal", "state": "running", "systems": ["211"], "authentication": ["username-token"], "operations": ["vsop/*"],
    "provinces": ["15"], "networks": [], "gateway": False, "calls": [], "rate": {"per_second": 5.0, "burst": 10, "mode": "report"},
    "day": None, "connections": None, "today": 3, "above": 1, "open": 0, "changed": {"rate": "5"},
}  # fmt: skip


class Gateway:
    """A gateway's admin API."""

    def __init__(self, name="jiangxi", *, view=VIEW, down=False) -> None:
        self.name, self.view, self.down, self.posted = name, view, down, []

    def get(self, path):
        assert path == "callers/portal"
        if self.down:
            raise Unreachable(f"{self.name}: no answer")
        return self.view

    def post(self, path, body):
        self.posted.append((path, json.loads(body)))
        return {**self.view, "state": "suspended"}


@pytest.fixture
def run(monkeypatch):
    """Run a command against these gateways."""

    def command(*arguments, gateways=None):
        gateways = [Gateway()] if gateways is None else gateways
        monkeypatch.setattr(caller, "clients", lambda files: gateways)
        return CliRunner().invoke(main, ["partner", *arguments]), gateways

    return command


def test_show(run):
    """All that an operator wants to know, in five lines."""
    done, _ = run("show", "portal")
    assert done.stdout.splitlines() == [
        "jiangxi portal: running 正常",
        "  systems 211, shows username-token",
        "  may call vsop/*, for provinces 15, from all",
        "  today 3 messages, 1 above a quota since the start",
        "  rate 5/s, burst 10, report",
        "  changed by hand: rate 5",
    ]


def test_show_json(run):
    """For programs."""
    done, _ = run("show", "portal", "--json")
    assert json.loads(done.stdout) == {**VIEW, "gateway": "jiangxi"}


SENT = {
    "suspend": ([], {"act": "suspend"}),
    "resume": ([], {"act": "resume"}),
    "isolate": ([], {"act": "isolate"}),
    "reset": ([], {"act": "reset"}),
    "limit": (["--rate", "50", "--mode", "report"], {"act": "limit", "rate": {"per_second": 50.0, "burst": 10, "mode": "report"}}),
    "limit of connections": (["--connections", "16"], {"act": "limit", "connections": {"most": 16, "mode": "enforce"}}),
    "rotate": (["--file", "new", "--overlap-hours", "2"], {"act": "rotate", "file": "new", "overlap": 7200.0}),
}


@pytest.mark.parametrize("act", SENT)
def test_act(run, act):
    """The gateway is told who acts and why."""
    more, sent = SENT[act]
    done, (gateway,) = run(act.split()[0], "portal", "--who", "li", "--why", "a reason", *more)
    path, body = gateway.posted[0]
    told = {key: value for key, value in body.items() if value}
    assert (done.exit_code, path, told) == (0, "callers/portal", {"who": "li", "why": "a reason", **sent})


@pytest.mark.parametrize(
    "arguments", [["suspend", "portal"], ["suspend", "portal", "--why", " "], ["limit", "portal", "--why", "x"],
                  ["limit", "portal", "--burst", "5", "--day", "1", "--why", "x"]],
)  # fmt: skip
def test_incomplete(run, arguments):
    """Nothing is sent."""
    done, (gateway,) = run(*arguments)
    assert (done.exit_code, gateway.posted) == (2, [])


def test_limit_keeps_what_is_not_named(run):
    """A trial stays one when its rate is changed."""
    view = {**VIEW, "rate": {"per_second": 5.0, "burst": 7, "mode": "report"}}
    _, (gateway,) = run("limit", "portal", "--rate", "6", "--why", "x", gateways=[Gateway(view=view)])
    assert gateway.posted[0][1]["rate"] == {"per_second": 6.0, "burst": 7, "mode": "report"}


def test_nobody_has_it(run):
    """Exit 1, and where to look."""
    done, _ = run("suspend", "portal", "--why", "x", gateways=[Gateway(view=None)])
    assert (done.exit_code, "access.partners" in done.output) == (1, True)


def test_one_is_not_there(run):
    """A gateway that may have the partner and does not answer: nothing is changed by halves, exit 3."""
    done, gateways = run("suspend", "portal", "--why", "x", gateways=[Gateway(), Gateway("guangxi", down=True)])
    assert (done.exit_code, [gateway.posted for gateway in gateways]) == (3, [[], []])
