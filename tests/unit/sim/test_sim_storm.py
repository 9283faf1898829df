"""Faults follow from the seed, and end."""

from __future__ import annotations

from random import Random

from gateway.sim.storm import MESSAGE_FAULTS, MODES, Storm
from gateway.sim.weather import Machine
from stubs.kit.magic import Behaviour
from stubs.roles import ROLES

HERE, THERE = Machine("here"), Machine("there")
GATEWAYS, MACHINES, ROLES_THERE = ["a", "b"], ["a", "b", "c"], [("a", "ocs")]


def storms(count=60):
    return [Storm(Random(f"{seed}"), 60.0) for seed in range(count)]


def fates(storm):
    return [storm.fate(HERE, THERE, request) for request in (True, False) for _ in range(300)]


def test_same_seed_same_storm():
    """Two storms of one seed are alike to the last piece."""
    one, other = (Storm(Random("7"), 60.0) for _ in range(2))
    assert (fates(one), list(one.troubles(GATEWAYS, MACHINES, ROLES_THERE))) == (
        fates(other), list(other.troubles(GATEWAYS, MACHINES, ROLES_THERE)),
    )  # fmt: skip


def test_every_kind_of_fault_happens():
    """Among some seeds each kind of fault is met."""
    happened = set()
    for storm in storms():
        fates(storm)
        for _ in range(100):
            storm.connecting(HERE, THERE)
        happened |= storm.counts.keys()
        happened |= {trouble.kind for trouble in storm.troubles(GATEWAYS, MACHINES, ROLES_THERE)}
    assert happened == {*MESSAGE_FAULTS, "kill", "drain", "pause", "cut", "partner"}


def test_calm_is_calm():
    """After the storm every piece arrives, every connection comes about, nobody is killed or stopped."""
    for storm in storms():
        storm.calm = True
        assert not any(fate.lost or fate.split or fate.reset is not None or fate.again for fate in fates(storm))
        assert (storm.connecting(HERE, THERE), storm.kills(), storm.pauses()) == (True, False, 0.0)


def test_one_machine_is_no_network():
    """What processes of one machine say to each other arrives."""
    assert not any(storm.fate(HERE, HERE, True).lost for storm in storms() for _ in range(100))


def test_partners_can_do_what_they_are_told():
    """Each mode is one that the stub of that name knows."""
    assert all(Behaviour(mode) in ROLES[role].behaviours for role, modes in MODES.items() for mode in modes)
