"""What people do follows from the seed, and covers the document."""

from __future__ import annotations

from random import Random

import pytest

from gateway.cli.lab import default_lab
from gateway.cli.sim import read_setting
from gateway.sim.acts import Acts, Place

SETTING = read_setting(default_lab())


@pytest.fixture
def places():
    return [
        Place(name, None, None, SETTING.users_of(name), SETTING.sold_by(name), config.gateway.province)
        for name, config in SETTING.gateways.items()
    ]


def names(places, seed):
    return [(planned.at, planned.place.name, planned.name) for planned in Acts(SETTING, places, Random(f"{seed}")).plan(60.0)]


def test_same_seed_same_acts(places):
    """To the moment."""
    assert names(places, 5) == names(places, 5)


def test_acts_come_in_time(places):
    """Ten to twenty-five of them, and some that meet one of these, after the start and before the storm ends."""
    planned = [names(places, seed) for seed in range(40)]
    assert all(10 <= len(acts) <= 50 and all(2 <= at <= 60 for at, _, _ in acts) for acts in planned)


def test_every_kind_is_met(places):
    """Orders of each action, bundles, changes of users, publications by CRM and by ISMP."""
    met = {" ".join(name.split()[:2]) for seed in range(80) for _, _, name in names(places, seed)}
    assert {f"order {action}" for action in "01234"} | {"bundle subscribe", "bundle unsubscribe", "crm product", "ismp offer"} <= met


def test_group_is_the_gateway_without_users():
    """No number is at home there."""
    assert [name for name in SETTING.gateways if not SETTING.users_of(name)] == [SETTING.national]
