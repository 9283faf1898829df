"""`vsopgw find` and `ladder --follow`, over gateways that answer from a table."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from gateway.cli import order as commands
from gateway.cli.errors import Unreachable

NOTHING = {"number": False, "orders": [], "objects": [], "partners": []}


def gateway(name, answer):
    """Give a client that answers with this, one after the other where it is a list, or raises it."""

    def get(path, **query):
        if isinstance(answer, Exception):
            raise answer
        return answer(path) if callable(answer) else answer

    return SimpleNamespace(name=name, get=get)


@pytest.fixture
def ask(monkeypatch):
    """Run a command over these gateways."""

    def run(command, *words, gateways):
        monkeypatch.setattr(commands, "clients", lambda files: gateways)
        return CliRunner().invoke(command, words)

    return run


def test_what_is_found_bears_the_gateways_name(ask):
    """A partner that one of two knows is told with that one's name."""
    done = ask(commands.find, "sp009", gateways=[gateway("group", NOTHING), gateway("jiangxi", NOTHING | {"partners": ["sp009"]})])
    assert (done.exit_code, done.stdout) == (0, "partner sp009  jiangxi\n")


def test_nothing_found(ask):
    """Nothing anywhere is exit 1."""
    assert ask(commands.find, "zzz", gateways=[gateway("group", NOTHING)]).exit_code == 1


def test_nobody_answers(ask):
    """No gateway at all is exit 3."""
    assert ask(commands.find, "zzz", gateways=[gateway("group", Unreachable("group: no answer"))]).exit_code == 3


def test_text_of_others_steers_no_terminal(ask):
    """A control character in a name is shown as its number."""
    done = ask(commands.find, "sp", gateways=[gateway("group", NOTHING | {"partners": ["sp\x1b[31m"]})])
    assert ("\x1b" in done.stdout, "‹001B›" in done.stdout) == (False, True)


def test_followed_ladder_is_drawn_at_each_change_until_the_end(ask, monkeypatch):
    """Three looks, two of them alike: two drawings."""
    leg = {
        "order_id": "o1", "trace_id": "o1", "section": "4.1.1", "action": "subscribe", "channel": "211", "channel_order_id": "c1",
        "streaming_no": "s1", "number": "189****0001", "prepaid": False, "place": "vsop:15", "state": "10A", "code": 0, "run": "running",
        "arrows": [],
    }  # fmt: skip
    looks = iter([[leg], [leg], [leg | {"run": "ended", "state": "10F"}]])
    monkeypatch.setattr(commands.time, "sleep", lambda seconds: None)
    client = gateway("jiangxi", lambda path: leg if path.startswith("orders/") else next(looks))
    done = ask(commands.ladder, "o1", "--follow", gateways=[client])
    assert (done.exit_code, done.stdout.count("order o1")) == (0, 2)
