"""The tables of step numbers."""

from __future__ import annotations

import pytest

from gateway.flows.sections import SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
def test_numbers_are_the_seeds(section):
    """Each section's numbers begin with 1 and leave no letter out within a step of the seed."""
    numbers = SECTIONS[section].numbers
    assert numbers[0] == "1"
    for step in ("2", "3"):
        letters = [n[1:] for n in numbers if n[0] == step]
        assert letters == [chr(ord("a") + i) for i in range(len(letters))]
