"""Run as a program: shows every fault over real sockets, and prints for each what its caller learns and what bytes there were.

One set and one process: each fault is set for a number of its own, so that all can be asked at once.
"""

from __future__ import annotations

import base64
import json
import re
import sys

from gateway.runtime import reactor as reactors

reactor = reactors.install()

from twisted.internet.defer import Deferred, gatherResults  # noqa: E402  after the reactor is chosen
from twisted.internet.protocol import ClientFactory, Protocol  # noqa: E402

from gateway.cli.lab import default_lab  # noqa: E402
from gateway.contract import Codec, load_contract  # noqa: E402
from gateway.errors import PartnerError  # noqa: E402
from gateway.resources import contracts_dir  # noqa: E402
from gateway.soap.http_client import HttpPool  # noqa: E402
from gateway.soap.peer import Peer  # noqa: E402
from stubs.faults.reading import read_rule  # noqa: E402
from stubs.faults.verdicts import DEADLINE  # noqa: E402
from stubs.kit.host import StubHost  # noqa: E402
from stubs.kit.settings import StubSettings  # noqa: E402

ELEMENT = "{urn:vas:xplatform:v1}serverAction"
QUIET = 0.2
"""Seconds after a whole answer in which another one might come."""
BATCH = 20
"""Faults that are asked for at once, twice each: within the backlog of a port."""
MOST = 100_000
"""Bytes of one answer that are kept."""


class Raw(Protocol):
    """Sends one request as bytes, and keeps what comes until the line ends, nothing more comes, or the time is over."""

    def __init__(self, request: bytes, done: Deferred[dict[str, object]]) -> None:
        self.request, self.done, self.came, self.ended = request, done, bytearray(), ""

    def connectionMade(self) -> None:
        self.transport.write(self.request)
        reactor.callLater(DEADLINE, self.tell)

    def dataReceived(self, data: bytes) -> None:
        if len(self.came) < MOST:
            self.came += data
        head, end, body = bytes(self.came[:MOST]).partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and length is not None and len(body) >= int(length[1]):
            reactor.callLater(QUIET, self.tell)

    def connectionLost(self, reason: object) -> None:
        self.ended = reason.type.__name__
        self.tell()

    def tell(self) -> None:
        if not self.done.called:
            self.done.callback({"bytes": base64.b64encode(self.came[:MOST]).decode(), "ended": self.ended})
            self.transport.abortConnection()


def message(codec: Codec, number: str, serial: int):
    """Make a request for two products, so that there is a list to halve."""
    items = [codec["ServerActionProduct"](ActionType="0", VProductID=f"P{n}", ProductOfferType="0", ProductOfferID="F1") for n in (1, 2)]
    return codec.by_element[ELEMENT].type(
        StreamingNo=f"20020260101120000{serial:09d}", TimeStamp="20260101120000", SystemId="200", OrderId=f"O-{serial}",
        ProdSpecCode="003", ProductNo=number, UserPayType="1", VProductInfo=items,
    )  # fmt: skip


async def asked(peer: Peer, request) -> str:
    """Call as the gateway does, and say what it learns."""
    try:
        answer = await peer.call("serverAction", request)
    except PartnerError as error:
        return f"{type(error).__name__}: {error.reason.partition(': ')[2]}"
    return f"answer: ResultCode {answer.ResultCode}, results by product: {len(answer.ResultInfo or [])}"


class Stand:
    """A set with its port, and two ways to ask it."""

    def __init__(self) -> None:
        subscribers = default_lab().parent / "lab/subscribers.toml"
        self.host = StubHost(StubSettings("probe", "15", 0, None, ("xplatform",), contracts_dir(), (subscribers,)), reactor)
        self.port = self.host.listen()
        self.codec = Codec(load_contract(contracts_dir() / "xplatform.wsdl"))
        self.pools: list[HttpPool] = []

    def show(self, serial: int, fault: dict[str, object]) -> Deferred[list[object]]:
        """Set a fault for a number of its own; ask by the gateway's client and as bytes."""
        number = f"1890791{serial:04d}"
        self.host.stage.faults.book.add(read_rule({**fault, "number": number}, {"xplatform": ("serverAction",)}))
        self.pools.append(HttpPool(reactor))  # of its own: a connection that has an answer too many would be another one's trouble
        peer = Peer("xplatform", f"http://127.0.0.1:{self.port}/services/xplatform", self.codec, self.pools[-1], DEADLINE)
        verdict = Deferred.fromCoroutine(asked(peer, message(self.codec, number, serial)))
        return gatherResults([verdict, self.raw(peer._write(ELEMENT, message(self.codec, number, 1000 + serial), None))])

    def raw(self, body: bytes) -> Deferred[dict[str, object]]:
        """Send a body as it is."""
        head = "POST /services/xplatform HTTP/1.1\r\nHost: stub\r\nContent-Type: text/xml; charset=utf-8\r\n"
        done: Deferred[dict[str, object]] = Deferred()
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        factory = ClientFactory.forProtocol(lambda: Raw(request, done))
        factory.noisy = False
        reactor.connectTCP("127.0.0.1", self.port, factory)
        return done


async def play(wanted: list[dict[str, object]]) -> list[dict[str, object]]:
    """Show all faults, some at a time."""
    stand = Stand()
    shown = []
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        shown += await gatherResults([stand.show(start + place, fault) for place, fault in enumerate(batch)])
    entries = [entry.as_json() for entry in stand.host.stage.journal.find()]
    rows = [row.as_json()["number"] for row in stand.host.stage.world.ledger("activation")]
    await gatherResults([pool.close() for pool in stand.pools])
    await stand.host.close()
    of = [f"1890791{serial:04d}" for serial in range(len(wanted))]
    names = {number: [entry.get("faults") for entry in entries if entry["fields"]["ProductNo"] == number] for number in of}
    return [
        {"verdict": verdict, **raw, "rows": rows.count(number), "faults": names[number]}
        for number, (verdict, raw) in zip(of, shown, strict=True)
    ]


def main() -> None:
    """Read the faults from standard input as JSON, print what came of them as JSON."""
    wanted = json.load(sys.stdin)

    def ended(outcome: object) -> None:
        sys.stdout.write(json.dumps(outcome) if isinstance(outcome, list) else f"{outcome}")
        reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(play(wanted)).addBoth(ended))
    reactor.run()


if __name__ == "__main__":
    main()
