"""The limits that are configured, in the words of those who keep them. Must not know what becomes of what is above one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address

from gateway.config import Config
from gateway.config.forms import Network
from gateway.soap.front import SERVICES, Packing
from gateway.soap.http import HttpLimits
from gateway.soap.xml_gate import XmlLimits


def of_http(config: Config) -> HttpLimits:
    """Give those on connections, heads and bodies."""
    limits = config.limits
    return HttpLimits(
        body_bytes=limits.body_bytes, body_bytes_of=_by_path(limits.body_bytes_of), head_bytes=limits.head_bytes,
        head_lines=limits.head_lines, first_byte_seconds=limits.first_byte.total_seconds(),
        receive_seconds=limits.receive.total_seconds(), idle_seconds=limits.idle.total_seconds(),
        requests=limits.requests_per_connection, connections=limits.connections,
        connections_per_address=limits.connections_per_address, held_bytes=limits.in_flight_bytes,
    )  # fmt: skip


def of_xml(config: Config) -> XmlLimits:
    """Give those on what a message may hold."""
    limits = config.limits
    return XmlLimits(
        tags=limits.xml_tags, references=limits.xml_references, depth=limits.xml_depth, attributes=limits.xml_attributes,
        namespaces=limits.xml_namespaces, run=limits.xml_text_bytes, name=limits.xml_name, header_blocks=limits.xml_header_blocks,
    )  # fmt: skip


def of_packing(config: Config) -> Packing | None:
    """Give from whom gzip and multipart are taken; None where both from nobody."""
    limits = config.limits
    if not limits.gzip_from and not limits.multipart_from:
        return None
    return Packing(
        _within(limits.gzip_from), _within(limits.multipart_from), limits.body_bytes, limits.gzip_ratio, _by_path(limits.body_bytes_of)
    )


def _within(networks: tuple[Network, ...]) -> Callable[[str], bool] | None:
    return (lambda peer: any(ip_address(peer) in network for network in networks)) if networks else None


def _by_path(of_contracts: Mapping[str, int]) -> dict[str, int]:
    return {f"{SERVICES}{contract}": most for contract, most in of_contracts.items()}
