"""Legs of an order, asked of every tier: who does not answer is told, who does is enough."""

from __future__ import annotations

import pytest

from gateway.cli.errors import CommandFailed, Unreachable
from gateway.cli.order import find_legs


class Tier:
    """A gateway's admin API that holds some legs, or nobody."""

    def __init__(self, name, *legs, down=False) -> None:
        self.name, self.legs, self.down = name, legs, down

    def get(self, path):
        if self.down:
            raise Unreachable(f"{self.name}: no answer")
        kind, _, wanted = path.partition("/")
        if kind == "orders":
            return next((leg for leg in self.legs if wanted in (leg["order_id"], leg["channel_order_id"])), None)
        return [leg for leg in self.legs if leg["trace_id"] == wanted]


OWN = {"order_id": "T", "trace_id": "T", "channel_order_id": "W1"}
PASSED_ON = {"order_id": "G", "trace_id": "T", "channel_order_id": "T"}
OTHER = {"order_id": "T2", "trace_id": "T2", "channel_order_id": "W2"}
GROUP, JIANGXI, GUANGXI = Tier("group", PASSED_ON), Tier("jiangxi", OTHER, OWN), Tier("guangxi")


@pytest.mark.parametrize("name", ["T", "W1", "G"])
def test_legs_of_all_tiers(name):
    """Whichever of its numbers is given, every leg of the end-to-end order is found, and no other."""
    assert find_legs([GROUP, JIANGXI, GUANGXI], name) == [PASSED_ON, OWN]


def test_tier_that_does_not_answer(capsys):
    """What the others have is shown; who is missing stands on standard error."""
    legs = find_legs([Tier("group", down=True), JIANGXI], "T")
    assert (legs, capsys.readouterr().err) == ([OWN], "group: no answer\n")


def test_nobody_answers():
    """Then the command ends with exit 3 and names all of them."""
    with pytest.raises(Unreachable) as raised:
        find_legs([Tier("group", down=True), Tier("jiangxi", down=True)], "T")
    assert (raised.value.exit_code, raised.value.message) == (3, "group: no answer\njiangxi: no answer")


def test_nobody_knows_it():
    """An unknown order ends with exit 1 and says who was asked."""
    with pytest.raises(CommandFailed) as raised:
        find_legs([GROUP, JIANGXI], "W9")
    assert (raised.value.exit_code, raised.value.message) == (1, "no order W9 at group, jiangxi")
