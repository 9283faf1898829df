"""The errors of this room. DuplicateRequest and ItemLocked belong to the port; these two are ours."""

from __future__ import annotations


class StoreFailed(Exception):
    """A commit was not written, or a read not answered; the cause is chained, the text holds no stored input."""


class StoreUnusable(Exception):
    """The store cannot be opened; the text is one sentence for the operator."""
