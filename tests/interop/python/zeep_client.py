"""Calls by Zeep, strict: JSON lines in, JSON lines out (the protocol is in foreign.py).

It must not know anything of the gateway but the addresses of its ?wsdl.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

import zeep
import zeep.exceptions
import zeep.helpers
import zeep.plugins
from lxml import etree

_HISTORY = zeep.plugins.HistoryPlugin(maxlen=1)


@cache
def client_of(wsdl: str) -> zeep.Client:
    return zeep.Client(wsdl, settings=zeep.Settings(strict=True), plugins=[_HISTORY])


def outcome(call: dict[str, Any]) -> dict[str, Any]:
    client, headers = client_of(call["wsdl"]), []
    if call["routing"]:
        headers = [client.get_element("{urn:vas:types:v1}Routing")(**call["routing"])]
    _HISTORY._buffer.clear()
    try:
        answer = client.service[call["operation"]](**call["fields"], _soapheaders=headers)
    except zeep.exceptions.Fault as fault:
        return {"fault": {"code": fault.code, "message": fault.message, "detail": detail(client, fault.detail)}, **wire()}
    except (zeep.exceptions.ValidationError, TypeError, ValueError) as error:
        return {"refused": str(error), "sent": None, "received": None}
    return {"answer": zeep.helpers.serialize_object(answer, dict), **wire()}


def detail(client: zeep.Client, node: Any) -> dict[str, Any]:
    """Zeep leaves the detail as XML; the types of the contract read it."""
    return {
        etree.QName(child).localname: zeep.helpers.serialize_object(
            client.wsdl.types.get_element(child.tag).parse(child, client.wsdl.types), dict
        )
        for child in node
    }


def wire() -> dict[str, str]:
    last = _HISTORY._buffer[-1]
    return {name: etree.tostring(last[name]["envelope"], encoding="unicode") for name in ("sent", "received")}


for line in sys.stdin:
    sys.stdout.write(json.dumps(outcome(json.loads(line)), ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
