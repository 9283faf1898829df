"""The invariants hold, seed after seed; a seed is always the same run; what was found once is looked for again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from gateway.flows.sections import SECTIONS

SEEDS, BLOCK = 200, 20
FOUND = {
    "a signal that came while its run was being read for another one was lost": (23, 162, 189, 198),
    "a suspended product that joins a bundle": (496,),
    "a product that had stopped with its user was resumed for itself": (331, 402),
    "a process was stopped before it had its lease": (467,),
    "an order met the stop of its user": (41, 89, 3399, 4541),
    "a user was torn down who held national products": (5, 106, 140),
}
"""Seeds that have failed, by what they showed."""

SEEN: Counter[str] = Counter()


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_invariants_hold(play, first):
    """Whatever goes wrong, nothing that was accepted is lost, doubled or told otherwise than it is."""
    outcomes = [play(seed) for seed in range(first, first + BLOCK)]
    SEEN["seeds"] += len(outcomes)
    SEEN.update(section for outcome in outcomes for section in outcome.sections)
    assert {outcome.seed: [str(one) for one in outcome.violations] for outcome in outcomes if outcome.violations} == {}


def test_every_section_was_played():
    """The seeds above play every section of the document."""
    if SEEN["seeds"] < SEEDS:
        pytest.skip("only some of the seeds were played")
    assert {name for name, section in SECTIONS.items() if section.in_seed} - set(SEEN) == set()


@pytest.mark.parametrize("what", FOUND)
def test_seeds_that_failed(play, what):
    """A seed that has shown a mistake does not show it again."""
    assert [str(one) for seed in FOUND[what] for one in play(seed).violations] == []


@pytest.mark.parametrize("seed", [7, 41])
def test_same_seed_same_run(seed):
    """Two processes whose sets and dicts have their own order play a seed to the last byte alike."""
    digests = {_digest(seed, hash_seed) for hash_seed in ("1", "2")}
    assert len(digests) == 1


def _digest(seed: int, hash_seed: str) -> str:
    command = [sys.executable, "-m", "gateway", "sim", "--seed", str(seed)]
    played = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed})
    return played.stdout.splitlines()[0].rpartition(" ")[2]


def test_trace_changes_nothing(play):
    """Whoever looks on sees the run that failed, not another one."""
    assert play(11, trace=True).digest == play(11).digest


def test_other_seed_other_run(play):
    """The digest tells runs apart."""
    assert play(1).digest != play(2).digest
