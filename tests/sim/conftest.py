"""What every simulated run shares: the shipped lab, and what is slow to make."""

from __future__ import annotations

import pytest

from gateway.cli.lab import default_lab
from gateway.cli.sim import read_setting
from gateway.sim.workshop import Workshop
from gateway.sim.world import World


@pytest.fixture(scope="session")
def play():
    """Plays a seed in the shipped lab."""
    setting, workshop = read_setting(default_lab()), Workshop()

    def one(seed, **options):
        return World(seed, setting, workshop, **options).run()

    return one
