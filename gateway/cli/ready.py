"""Tells that a gateway takes orders: one JSON line on stdout, and a word to systemd where that started us."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping

import click


def tell_ready(line: Mapping[str, object], environment: Mapping[str, str]) -> None:
    """Print the line at once, and answer a unit of Type=notify; a socket that nobody reads is no reason to end."""
    click.echo(json.dumps(line))
    sys.stdout.flush()
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice:
        try:
            notice.sendto(b"READY=1", address.replace("@", "\0", 1) if address.startswith("@") else address)
        except OSError as error:
            click.echo(json.dumps({"event": "systemd.unreachable", "socket": address, "reason": error.strerror}), err=True)
