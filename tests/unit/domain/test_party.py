"""Parties: how an address is written, and that the field's code sets do not overlap."""

from __future__ import annotations

import pytest

from gateway.domain.party import (
    CHANNEL_SYSTEMS,
    GROUP_SYSTEM,
    GROUP_VSOP,
    ISMP_SYSTEMS,
    NATIONAL,
    OCS,
    PROVINCE_SYSTEM,
    PROVINCES,
    Address,
    Party,
    province_name,
)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (OCS, "ocs"),
        (GROUP_VSOP, "vsop:35"),
        (Address(Party.XPLATFORM, "303"), "xplatform:303"),
        (Address(Party.CHANNEL, "211"), "channel:211"),
    ],
)
def test_address_as_text(address, text):
    """Kind alone where there is one of a kind, else kind and code."""
    assert str(address) == text


def test_province_is_named_in_both_languages():
    """People read 江西 Jiangxi, not 15."""
    assert province_name("15") == "江西 Jiangxi"


def test_thirty_six_provinces():
    """The field numbers 01 to 36 without a gap; 35 is national."""
    assert (sorted(PROVINCES), PROVINCES[NATIONAL][1]) == ([f"{n:02d}" for n in range(1, 37)], "national")


def test_system_codes_mean_one_thing():
    """A system code is an ISMP, a channel or a VSOP, never two of them."""
    sets = [ISMP_SYSTEMS, CHANNEL_SYSTEMS, {GROUP_SYSTEM}, {PROVINCE_SYSTEM}]
    assert sum(map(len, sets)) == len(frozenset().union(*sets))
