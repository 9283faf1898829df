"""How many connections each address has, so that one client cannot take the places of all. Must not know what a connection is."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Final

_NETWORK_BITS: Final = 64  # what one customer of IPv6 has at least: he may come from any address in it


class Addresses:
    """Counts by address; loopback, and what is no address of the internet, is never counted."""

    def __init__(self) -> None:
        self._counts: dict[int | str, int] = {}

    def of(self, address: str) -> int:
        """Return how many connections come from where this address is."""
        return self._counts.get(_place(address), 0)

    def came(self, address: str) -> None:
        """Count one more."""
        place = _place(address)
        if place:
            self._counts[place] = self._counts.get(place, 0) + 1

    def went(self, address: str) -> None:
        """Count one less."""
        place = _place(address)
        if not place:
            return
        left = self._counts[place] - 1
        if left:
            self._counts[place] = left
        else:
            del self._counts[place]


def _place(address: str) -> int | str:
    """Give what stands for an address: itself, or its network of IPv6; nothing where it is not counted."""
    if address.startswith("127.") or not address:
        return ""
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if found.is_loopback or not isinstance(found, IPv6Address):
        return ""
    mapped = found.ipv4_mapped
    if mapped is not None:
        return "" if mapped.is_loopback else str(mapped)
    return int(found) >> _NETWORK_BITS
