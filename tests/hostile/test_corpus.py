"""Each case of the corpus gets its answer from each served contract, runs nothing that it must not, and leaves the gateway serving."""

from __future__ import annotations

import pytest
from hostile_build import Builder
from hostile_corpus import corpus
from hostile_judge import alive, play
from hostile_lab import HostileLab
from hostile_targets import TARGETS

pytestmark = pytest.mark.e2e
CASES = [
    pytest.param(contract, id, id=f"{contract}-{id}-{case.name}")
    for contract, target in TARGETS.items()
    for id, case in corpus(Builder(target, canary="http://127.0.0.1:9/", body_limit=1 << 20, patience=1)).items()
]


@pytest.mark.parametrize(("contract", "id"), CASES)
def test_case_gets_its_answer(hostile: HostileLab, contract: str, id: str) -> None:
    """The right answer, no execution but where one is due, nobody called, nothing told of our insides."""
    assert play(hostile, TARGETS[contract], id).wrong == []


@pytest.mark.parametrize("contract", TARGETS)
def test_gateway_serves_after_all_of_them(hostile: HostileLab, contract: str) -> None:
    """The next good request succeeds."""
    assert alive(hostile, TARGETS[contract])
