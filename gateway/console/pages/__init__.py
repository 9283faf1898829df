"""The pages of the console, each module a subject. A module has PAGES, by method and first word of the path, and may have ENTRIES."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from gateway.console.frame import Entry
from gateway.console.pages import (
    applications,
    catalogue,
    fallout,
    filing,
    flows,
    order,
    partners,
    search,
    subscriber,
    topology,
)
from gateway.console.visit import Pages

MODULES: Sequence[ModuleType] = (search, order, subscriber, fallout, applications, filing, catalogue, partners, topology, flows)
"""In the order in which they stand in the navigation."""


def entries() -> list[Entry]:
    """Give what stands in the navigation."""
    return [entry for module in MODULES for entry in getattr(module, "ENTRIES", ())]


def pages() -> Pages:
    """Give what answers, by method and first word."""
    return {key: handler for module in MODULES for key, handler in module.PAGES.items()}
