"""Limits as they are configured reach those who keep them."""

from __future__ import annotations

from pathlib import Path

from configuring import GATEWAY, load

from gateway.runtime.limits import of_http, of_packing, of_xml
from gateway.soap.http import HttpRequest

SET = GATEWAY + """
[limits]
body_bytes = 2000
head_lines = 9
first_byte_seconds = 3
requests_per_connection = 7
connections_per_address = 5
xml_depth = 11
xml_attributes = 12
xml_namespaces = 13
xml_text_bytes = 1400
xml_name = 150
xml_header_blocks = 16
xml_tags = 170
xml_references = 18
gzip_from = ["192.0.2.0/24", "2001:db8::1"]
multipart_from = ["198.51.100.0/24"]
[limits.body_bytes_of]
ppm = 3000
"""


def test_each_limit_of_http_is_configured(tmp_path: Path) -> None:
    """One number each, so that none can stand for another."""
    limits = of_http(load(tmp_path, SET))
    assert (
        limits.body_bytes, dict(limits.body_bytes_of), limits.head_lines, limits.first_byte_seconds, limits.requests,
        limits.connections_per_address,
    ) == (2000, {"/services/ppm": 3000}, 9, 3.0, 7, 5)  # fmt: skip


def test_each_limit_of_xml_is_configured(tmp_path: Path) -> None:
    """The same."""
    x = of_xml(load(tmp_path, SET))
    assert (x.depth, x.attributes, x.namespaces, x.run, x.name, x.header_blocks, x.tags, x.references) == (
        11, 12, 13, 1400, 150, 16, 170, 18,
    )  # fmt: skip


def test_gzip_is_off_unless_somebody_may_send_it(tmp_path: Path) -> None:
    """No list, no gzip."""
    assert of_packing(load(tmp_path)) is None


def test_gzip_is_for_those_who_are_named(tmp_path: Path) -> None:
    """By network or by address; from others it is 415."""
    packing = of_packing(load(tmp_path, SET))
    assert packing is not None
    assert packing.gzip is not None
    assert packing.multipart is not None
    assert [packing.multipart(peer) for peer in ("198.51.100.1", "192.0.2.9")] == [True, False]
    assert [packing.gzip(peer) for peer in ("192.0.2.9", "2001:db8::1", "192.0.3.9", "2001:db8::2")] == [True, True, False, False]
    refused = packing.unpack(HttpRequest("POST", "/services/vsop", "", {"content-encoding": "gzip"}, b"", "198.51.100.1"))
    assert refused is not None
    assert refused.status == 415
