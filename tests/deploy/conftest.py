"""One environment with the wheel for the tests of what is shipped."""

from __future__ import annotations

import pytest
from installed import Installed


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Installed:
    """The wheel, with what it declares, in an environment of its own."""
    return Installed(tmp_path_factory.mktemp("wheel"))
