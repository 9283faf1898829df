"""The tables of step numbers."""

from __future__ import annotations

import itertools

import pytest

from gateway.flows.sections import SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
def test_numbers_are_the_seeds(section):
    """Each section's steps count from 1 without a gap, and a step that is split leaves no letter out."""
    steps = {
        int(step): [number.removeprefix(step) for number in numbers]
        for step, numbers in itertools.groupby(SECTIONS[section].numbers, key=lambda number: number[0])
    }
    whole = {step: letters in ([""], [chr(ord("a") + i) for i in range(len(letters))]) for step, letters in steps.items()}
    assert whole == dict.fromkeys(range(1, len(steps) + 1), True)


@pytest.mark.parametrize("section", SECTIONS)
def test_steps_that_repeat_belong_to_the_section(section):
    """What may stand several times is a step of the section."""
    assert SECTIONS[section].several <= set(SECTIONS[section].numbers)
