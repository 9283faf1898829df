"""The errors of this room: StoreUnusable is ours; StoreFailed is the port's, its cause is chained, its text holds no stored input."""

from __future__ import annotations

from gateway.engine.ports import StoreFailed

__all__ = ["StoreFailed", "StoreUnusable"]


class StoreUnusable(Exception):
    """The store cannot be opened; the text is one sentence for the operator."""
