"""One lab of real processes for the whole corpus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hostile_lab import HostileLab


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileLab]:
    """A gateway that serves vsop, ppm, ismp and ocs; at the end each process must have drained with exit 0."""
    lab = HostileLab(tmp_path_factory.mktemp("hostile"))
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes
