"""The errors of this room. StoreFailed, whose cause is chained and whose text holds no stored input, is the port's; StoreUnusable is ours."""

from __future__ import annotations

from gateway.engine.ports import StoreFailed

__all__ = ["StoreFailed", "StoreUnusable"]


class StoreUnusable(Exception):
    """The store cannot be opened; the text is one sentence for the operator."""
