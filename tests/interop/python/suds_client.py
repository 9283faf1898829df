"""Calls by suds-community: JSON lines in, JSON lines out (the protocol is in foreign.py).

It must not know anything of the gateway but the addresses of its ?wsdl.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

import suds
import suds.client
import suds.plugin
import suds.sudsobject
from suds.sax.element import Element

TYPES = ("t", "urn:vas:types:v1")


class Wire(suds.plugin.MessagePlugin):
    """Keeps the messages of the last call."""

    def __init__(self) -> None:
        self.sent: str | None = None
        self.got: str | None = None

    def sending(self, context: Any) -> None:
        self.sent = context.envelope.decode()

    def received(self, context: Any) -> None:
        self.got = context.reply.decode()


@cache
def client_of(wsdl: str) -> tuple[suds.client.Client, Wire]:
    wire = Wire()
    # Without a cache: suds keeps contracts on disk by address for a day.
    return suds.client.Client(wsdl, cache=None, plugins=[wire]), wire


def outcome(call: dict[str, Any]) -> dict[str, Any]:
    client, wire = client_of(call["wsdl"])
    wire.sent = wire.got = None
    client.set_options(soapheaders=header(call["routing"]))
    try:
        told = {"answer": plain(getattr(client.service, call["operation"])(**call["fields"]))}
    except suds.WebFault as error:
        fault = error.fault
        told = {"fault": {"code": fault.faultcode, "message": fault.faultstring, "detail": plain(fault.detail)}}
    except (suds.TypeNotFound, TypeError) as error:
        told = {"refused": f"{type(error).__name__}: {error}"}
    return {**told, "sent": wire.sent, "received": wire.got}


def header(routing: dict[str, Any] | None) -> Any:
    """The contract does not bind the header block, so it is written by hand."""
    if not routing:
        return ()
    block = Element("Routing", ns=TYPES)
    block.append([Element(name, ns=TYPES).setText(str(value)) for name, value in routing.items()])
    return block


def plain(value: Any) -> Any:
    if isinstance(value, suds.sudsobject.Object):
        return {str(name): plain(item) for name, item in suds.sudsobject.asdict(value).items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


for line in sys.stdin:
    sys.stdout.write(json.dumps(outcome(json.loads(line)), ensure_ascii=False) + "\n")
    sys.stdout.flush()
