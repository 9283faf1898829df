"""The errors of this room: StoreUnusable and StoreDamaged are ours; StoreFailed is the port's.

Its cause is chained, its text holds no stored input.
"""

from __future__ import annotations

from gateway.engine.ports import StoreFailed

__all__ = ["StoreDamaged", "StoreFailed", "StoreUnusable"]


class StoreUnusable(Exception):
    """The store cannot be opened; the text is one sentence for the operator."""


class StoreDamaged(StoreUnusable):
    """It is ours, but not whole."""
