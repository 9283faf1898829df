"""The tables of step numbers."""

from __future__ import annotations

import pytest

from gateway.flows.sections import SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
def test_numbers_are_the_seeds(section):
    """Each section's numbers begin with 1; a step of the seed has no letters, or has them from a on without a gap."""
    numbers = SECTIONS[section].numbers
    assert numbers[0][0] == "1"
    for step in sorted({n[0] for n in numbers}):
        letters = [n[1:] for n in numbers if n[0] == step]
        assert letters in ([""], [chr(ord("a") + i) for i in range(len(letters))])
