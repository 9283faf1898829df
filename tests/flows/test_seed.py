"""The user's document as data: its sections in its order, its steps with their numbers, its irregularities said."""

from __future__ import annotations

import pytest

from gateway.flows.sections import SECTIONS
from gateway.flows.seed import SEED, SEED_SECTIONS

STEPS = {
    "2.1": "123456", "2.2": "12", "3.1": "123456", "2.2b": "12", "2.3": "12", "3.1b": "1234", "3.2.1": "123456", "3.2.2": "1234556",
    "3.2.3": "1234", "3.2.4": "1234", "4.1.1": "12", "4.1.2": "123", "4.1.3": "123", "4.1.4": "123",
}  # fmt: skip


def test_sections_in_the_documents_order():
    """All fourteen, as the document has them; every section of ours that is in the seed is among them."""
    assert ([s.id for s in SEED], set(SEED_SECTIONS)) == (list(STEPS), {s.id for s in SECTIONS.values() if s.in_seed})


@pytest.mark.parametrize("section", STEPS)
def test_steps(section):
    """Each numbered step has an entry, also where a number stands twice."""
    assert "".join(step.number[0] for step in SEED_SECTIONS[section].steps) == STEPS[section]


@pytest.mark.parametrize("section", SEED, ids=lambda s: s.id)
def test_steps_are_told_in_both_languages(section):
    """No step is without its text and what it says in short."""
    assert [step.number for step in section.steps if not step.zh or not step.en] == []


def test_chapters_that_stand_twice():
    """The document numbers two chapters 2.2 and two 3.1."""
    chapters = [section.chapter for section in SEED]
    assert {c: chapters.count(c) for c in chapters if chapters.count(c) > 1} == {"2.2": 2, "3.1": 2}


def test_section_that_repeats_another():
    """The first 3.1 has the words of 2.1."""
    assert SEED_SECTIONS["3.1"].steps == SEED_SECTIONS["2.1"].steps


def test_step_that_stands_twice():
    """Both steps 5 of 3.2.2 have letters of their own, so that each number of ours stands under one of them."""
    first, second = (step for step in SEED_SECTIONS["3.2.2"].steps if step.number.startswith("5"))
    under = {number: (first.covers(number), second.covers(number)) for number in ("5a", "5b", "5c", "5d", "5e")}
    assert under == {n: (n in ("5a", "5b"), n not in ("5a", "5b")) for n in under}


def test_text_that_breaks_off():
    """4.1.4 ends in the middle of step 3; it goes on as step 3 of 4.1.2."""
    cut = SEED_SECTIONS["4.1.4"].steps[-1]
    assert (cut.zh, cut.completed) == ("IS", SEED_SECTIONS["4.1.2"].steps[-1].zh)


@pytest.mark.parametrize("section", ["2.2", "2.2b", "3.1", "3.1b", "3.2.2", "3.2.4", "4.1.1", "4.1.4"])
def test_irregularities_are_noted(section):
    """Whoever lays the document beside ours is told, in both languages, where it is odd."""
    assert {bool(note.zh and note.en) for note in SEED_SECTIONS[section].notes} == {True}


@pytest.mark.parametrize(("number", "covered"), [("2", True), ("2a", True), ("2i", True), ("1", False), ("3a", False)])
def test_number_under_a_step(number, covered):
    """A number of ours stands under the step with its digit."""
    assert SEED_SECTIONS["4.1.1"].steps[1].covers(number) is covered
