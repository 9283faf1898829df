"""One lab for the tests of what partners use: group, Jiangxi and their stubs as real processes."""

from __future__ import annotations

import pytest
from testlab import TestLab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Group, Jiangxi and their stub sets; at the end each process must have drained with exit 0."""
    lab = TestLab(tmp_path_factory.mktemp("partners"), ("group", "jiangxi"))
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes
