"""`vsopgw sim`: what it prints, how it ends, and that what it prints replays."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli import sim as command
from gateway.cli.main import main
from gateway.sim.invariants import Violation


def played(*arguments):
    return CliRunner().invoke(main, ["sim", *arguments])


@pytest.fixture
def broken_rule(monkeypatch):
    """Let seed 1 break something, wherever it is played."""
    play = command._play

    def break_one(work):
        outcome = play(work)
        if outcome.seed == 1:
            outcome.violations.append(Violation("INV-1", "an order is lost"))
        return outcome

    monkeypatch.setattr(command, "_play", break_one)


def test_sum():
    """Seeds, orders, virtual time and rate; sections and faults by kind; exit 0."""
    result = played("--seeds", "2", "--first", "3")
    first, sections, faults = result.output.splitlines()[-3:]
    assert (result.exit_code, first.startswith("2 seeds, 0 failing, ")) == (0, True)
    assert (sections.startswith("sections: "), faults.startswith("faults: ")) == (True, True)


def test_failing_seed(broken_rule):
    """A line with what is broken and the command that replays it; exit 1."""
    result = played("--seeds", "3")
    assert result.exit_code == 1
    assert "seed 1 fails: INV-1: an order is lost [vsopgw sim --seed 1 --trace]" in result.output


def test_replay_says_the_same(broken_rule):
    """One seed alone is the run that it was among others."""
    alone, among = played("--seed", "1"), played("--seeds", "2", "--verbose")
    line = alone.output.splitlines()[0]
    assert line.startswith("seed 1: ")
    assert line in among.output


@pytest.mark.parametrize("other", ["--seeds", "--first"])
def test_one_seed_or_many(other):
    """Who names one seed and a range means one of both: exit 2, and nothing is played."""
    result = played("--seed", "1", other, "2")
    assert (result.exit_code, result.output) == (2, "--seed plays one seed alone: leave out --seeds and --first\n")


def test_trace():
    """Everything that happens, with its virtual time."""
    lines = played("--seed", "2", "--trace").output.splitlines()
    assert any(" commit " in line for line in lines)
    assert float(lines[0].split()[0]) >= 0


def test_several_at_once():
    """Two processes play what one plays."""
    one, two = (played("--seeds", "4", "--verbose", "--jobs", jobs).output for jobs in ("1", "2"))
    assert [line for line in one.splitlines() if line.startswith("seed")] == [
        line for line in two.splitlines() if line.startswith("seed")
    ]
