"""The lists of cases: ids, words and sources are whole, for every role."""

from __future__ import annotations

from collections import Counter

import pytest

from stubs.partnerkit.catalogue import ROLES, cases_of

ALL = [(role, case) for role in ROLES.values() for case in cases_of(role)]


def test_ids_are_unique():
    """An id names one case of one role."""
    counts = Counter(role.case_id(case) for role, case in ALL)
    assert [id_ for id_, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_cases_say_what_they_are_about(role):
    """Title, rule and hint stand in both languages, the source is named, and the coroutine says what it does."""
    silent = []
    for case in cases_of(role):
        texts = [text.said(language) for text in (case.title, case.rule, case.hint) for language in ("zh", "en")]
        if not all([*texts, case.source, case.play.__doc__]):
            silent.append(role.case_id(case))
    assert silent == []


def test_common_cases_are_below_100():
    """Numbers from 101 on are a role's own."""
    assert all(case.number > 100 for role in ROLES.values() for case in role.cases)
