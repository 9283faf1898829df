"""Our side of stub-server-action: one stub set on a port, or its requests in process, where only its own CPU time counts.

    python -m bench.ours_stub --serve      # prints {"port": ...} and serves xplatform and ocs
    python -m bench.ours_stub              # prints {"serverAction": requests a second of CPU, "feeCheck": ..., "start": seconds}

Every request has a StreamingNo of its own, so that it is decoded, validated, journalled, done and remembered; so is each answer validated.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from twisted.internet import testing
from twisted.internet.address import IPv4Address

from gateway.resources import contracts_dir, etc_dir
from gateway.runtime import reactor as reactors
from gateway.soap.http import HttpLimits
from stubs.kit import host as hosts
from stubs.kit.settings import StubSettings
from stubs.roles import ROLES

REQUESTS = 4000
WARM = 500
WORLD = tuple(etc_dir() / "lab" / name for name in ("subscribers.toml", "catalogue.toml"))
ENDLESS = hosts.Fittings(limits=HttpLimits(requests=10**9))
"""Connections are kept for all of the bench."""
OPERATIONS = {"serverAction": "xplatform", "feeCheck": "ocs"}


def template(contract: str, operation: str) -> tuple[str, str]:
    """Give the contract's example with places for what must be new, and the operation's SOAPAction."""
    example = (contracts_dir() / "examples" / contract / f"{operation}.xml").read_text("utf-8")
    example = re.sub(r"(StreamingNo>)\d+<", r"\g<1>20020260101120@NUMBER@<", example)
    example = re.sub(r"(OrderId>)[^<\s]+<", r"\g<1>O@NUMBER@<", example)
    if operation == "serverAction":
        example = re.sub(r"(ProductNo>)\d+<", r"\g<1>189@USER@<", example)
    action = re.search(rf'soapAction="([^"]+/{operation})"', (contracts_dir() / f"{contract}.wsdl").read_text("utf-8"))
    assert action is not None
    return example, action[1]


_memory: Any = testing  # its doubles have no types


def _reactor() -> Any:
    """Make a reactor without sockets, on a day of 2026."""
    reactor = _memory.MemoryReactorClock()
    reactor.advance(1_780_000_000)
    return reactor


def settings(roles: tuple[str, ...]) -> StubSettings:
    """Give one set."""
    return StubSettings("bench", "15", 0, None, roles, contracts_dir(), WORLD)


def measure(operation: str) -> float:
    """Give requests a second of CPU, from the first byte in to the last byte out."""
    reactor = _reactor()
    hosts.StubHost(settings(("xplatform", "ocs")), reactor, ENDLESS).listen()
    example, action = template(OPERATIONS[operation], operation)
    factory = reactor.tcpServers[0][1]
    address = IPv4Address("TCP", "127.0.0.1", 40000)
    transport = _memory.StringTransportWithDisconnection(address)
    connection = transport.protocol = factory.buildProtocol(address)
    connection.makeConnection(transport)
    spent = 0.0
    for number in range(WARM + REQUESTS):
        body = example.replace("@NUMBER@", f"{number:012d}").replace("@USER@", f"{number:08d}").encode()
        head = f"POST /services/{OPERATIONS[operation]} HTTP/1.1\r\nHost: bench\r\nSOAPAction: \"{action}\"\r\n"
        message = f"{head}Content-Type: text/xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        began = time.process_time()
        connection.dataReceived(message)
        spent += time.process_time() - began if number >= WARM else 0.0
        if not transport.value().startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"bench: {operation}: {transport.value()[:300]!r}")
        transport.clear()
    return REQUESTS / spent


def start_all() -> float:
    """Give the CPU seconds until every party is served in one set."""
    began = time.process_time()
    hosts.StubHost(settings(tuple(ROLES)), _reactor()).listen()
    return time.process_time() - began


def serve() -> None:
    """Serve until told to stop."""
    reactor = reactors.install()
    port = hosts.StubHost(settings(("xplatform", "ocs")), reactor, ENDLESS).listen()
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    reactor.run()


def main() -> None:
    """Measure, serve, or write the request that wrk sends."""
    parser = argparse.ArgumentParser(description="A stub set, on a port or in process.")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--request", type=Path, metavar="FILE", help="write the serverAction for wrk_stub.lua, print its SOAPAction")
    options = parser.parse_args()
    if options.serve:
        serve()
    elif options.request is not None:
        example, action = template("xplatform", "serverAction")
        options.request.write_text(example, "utf-8")
        sys.stdout.write(action + "\n")
    else:
        rates = {operation: round(measure(operation)) for operation in OPERATIONS}
        sys.stdout.write(json.dumps({**rates, "start": round(start_all(), 3)}) + "\n")


if __name__ == "__main__":
    main()
