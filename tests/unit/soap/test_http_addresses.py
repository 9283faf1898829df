"""How many connections an address has."""

from __future__ import annotations

import pytest

from gateway.soap.http_addresses import Addresses


def count(*came: str) -> Addresses:
    addresses = Addresses()
    for address in came:
        addresses.came(address)
    return addresses


def test_each_address_is_counted_for_itself() -> None:
    """One more for each that came from there."""
    addresses = count("192.0.2.1", "192.0.2.1", "192.0.2.2")
    assert [addresses.of(a) for a in ("192.0.2.1", "192.0.2.2", "192.0.2.3")] == [2, 1, 0]


def test_one_that_went_is_not_counted() -> None:
    """And nothing is kept of an address that has none left."""
    addresses = count("192.0.2.1", "192.0.2.1")
    addresses.went("192.0.2.1")
    assert addresses.of("192.0.2.1") == 1
    addresses.went("192.0.2.1")
    assert (addresses.of("192.0.2.1"), vars(addresses)) == (0, {"_counts": {}})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1", "", "no-address:1"])
def test_loopback_is_not_counted(address: str) -> None:
    """A proxy on this machine stands for all its clients."""
    addresses = count(address, address)
    addresses.went(address)
    assert addresses.of(address) == 0


def test_addresses_of_one_network_are_one() -> None:
    """Who has a network of IPv6 has 2^64 addresses."""
    addresses = count("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")
    assert (addresses.of("2001:db8:1:2::5"), addresses.of("2001:db8:1:3::1")) == (2, 0)


def test_mapped_address_is_that_of_ipv4() -> None:
    """However the socket shows it."""
    assert count("::ffff:192.0.2.1").of("192.0.2.1") == 1
