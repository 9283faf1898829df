"""The two tiers, ready to be asked."""

from __future__ import annotations

import pytest
from office import GROUP, Office


@pytest.fixture
def office() -> Office:
    """Jiangxi's services."""
    return Office()


@pytest.fixture
def group() -> Office:
    """The group's services."""
    return Office(GROUP)
