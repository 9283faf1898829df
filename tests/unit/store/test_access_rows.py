"""Used credentials and changes of partners, alike in every store."""

from __future__ import annotations

import pytest
from store_rows import NOON, SECOND, commit, wait

from gateway.engine.ports import DuplicateRequest, PartnerChanged, Store, TokensForgotten, TokenUsed


def test_used_token_is_given_back(store: Store) -> None:
    """A restart learns of it, until it ends."""
    commit(store, TokenUsed("a", NOON))
    assert (wait(store.used_tokens(NOON)), wait(store.used_tokens(NOON + SECOND))) == ([TokenUsed("a", NOON)], [])


def test_token_is_used_once(store: Store) -> None:
    """Of two processes that take the same token one is refused, and writes nothing else either."""
    commit(store, TokenUsed("a", NOON))
    with pytest.raises(DuplicateRequest):
        commit(store, PartnerChanged("crm", "state", '"suspended"'), TokenUsed("a", NOON))
    assert wait(store.partner_changes()) == []


def test_ended_tokens_are_forgotten(store: Store) -> None:
    """Those that end later stay."""
    commit(store, TokenUsed("a", NOON), TokenUsed("b", NOON + SECOND))
    commit(store, TokensForgotten(NOON + SECOND))
    assert wait(store.used_tokens(NOON)) == [TokenUsed("b", NOON + SECOND)]


def test_last_change_of_a_partner_stands(store: Store) -> None:
    """For each name and kind of change there is one."""
    for value in ('"suspended"', '"isolated"'):
        commit(store, PartnerChanged("crm", "state", value))
    commit(store, PartnerChanged("crm", "rate", "5"))
    assert wait(store.partner_changes()) == [PartnerChanged("crm", "rate", "5"), PartnerChanged("crm", "state", '"isolated"')]


def test_change_without_a_value_is_taken_back(store: Store) -> None:
    """What the file says holds again."""
    commit(store, PartnerChanged("crm", "state", '"suspended"'))
    commit(store, PartnerChanged("crm", "state", ""))
    assert wait(store.partner_changes()) == []
