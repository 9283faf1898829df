"""All five partners of an order as one cheap process: a fixed answer for each contract, with the numbers echoed.

It must not know which build calls it, and it validates nothing: it is there so that what is measured is the caller.
Beside /services/<contract> it answers GET /counts (calls by contract) and GET /finished?after=N (waits until the portal
has had more than N results, then tells how many and the OrderIds since); with --ledger also GET /told (users who were told), GET
/ledger (how many StreamingNos each order came under, by contract) and GET /away?contracts=A,B (those answer HTTP 503 from now on).
"""

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs

import httptools
import uvloop

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'
)
STREAMING_NO = re.compile(rb"<(?:[\w.-]+:)?StreamingNo[^>]*>([0-9A-Za-z]+)<")
ORDER_ID = re.compile(rb"<(?:[\w.-]+:)?OrderId[^>]*>([0-9A-Za-z._-]+)<")
PRODUCT_NO = re.compile(rb"<(?:[\w.-]+:)?ProductNo[^>]*>([0-9]+)<")
PRODUCT_ID = re.compile(rb"<(?:[\w.-]+:)?VProductID[^>]*>([0-9A-Za-z._-]+)<")

# %s is the echoed StreamingNo. Children stand in the namespace of the schema that declares their type.
PLAIN = (
    '<r:{operation}Response xmlns:r="urn:vas:{contract}:v1" xmlns:t="urn:vas:types:v1">'
    "<t:StreamingNo>%s</t:StreamingNo><t:ResultCode>0</t:ResultCode><t:ResultDesc>success</t:ResultDesc>"
    "</r:{operation}Response>"
)
FEE_CHECK = (
    '<r:feeCheckResponse xmlns:r="urn:vas:ocs:v1"><r:StreamingNo>%s</r:StreamingNo><r:ResultCode>0</r:ResultCode>'
    "<r:ResultDesc>success</r:ResultDesc><r:Balance>500000</r:Balance></r:feeCheckResponse>"
)
SERVER_ACTION = (
    '<r:serverActionResponse xmlns:r="urn:vas:xplatform:v1" xmlns:t="urn:vas:types:v1">'
    "<t:StreamingNo>%s</t:StreamingNo><t:ResultCode>0</t:ResultCode><t:ResultDesc>success</t:ResultDesc>%s"
    "</r:serverActionResponse>"
)
RESULT_INFO = (
    "<t:ResultInfo><t:ProductID>%s</t:ProductID><t:OPResult>0</t:OPResult><t:OPDesc>activated</t:OPDesc></t:ResultInfo>"
)


def _plain(contract: str, operation: str) -> Callable[[bytes, str], str]:
    template = ENVELOPE % PLAIN.format(contract=contract, operation=operation)
    return lambda _, streaming_no: template % streaming_no


def _fee_check(_: bytes, streaming_no: str) -> str:
    return ENVELOPE % (FEE_CHECK % streaming_no)


def _server_action(body: bytes, streaming_no: str) -> str:
    products = "".join(RESULT_INFO % product.decode() for product in PRODUCT_ID.findall(body))
    return ENVELOPE % (SERVER_ACTION % (streaming_no, products))


ANSWERS: dict[bytes, Callable[[bytes, str], str]] = {
    b"/services/ocs": _fee_check,
    b"/services/xplatform": _server_action,
    b"/services/billing": _plain("billing", "subsInstSynToHB"),
    b"/services/portal": _plain("portal", "subResultFromVSOP"),
    b"/services/smshall": _plain("smshall", "subResultToUser"),
}


class Ledger:
    """What each order came under, by contract; and faults that are drawn, the same in each run."""

    def __init__(self, temporary: float, lost: float) -> None:
        """Of all calls, `temporary` are refused for a moment, and of `lost` the answer never arrives."""
        self.away: frozenset[str] = frozenset()
        self._draw = random.Random(7)
        self._temporary = temporary
        self._lost = lost
        self._numbers: dict[str, dict[bytes, tuple[bytes, ...]]] = {}
        self._again: Counter[str] = Counter()

    def fault(self, contract: str) -> str:
        """Say what goes wrong with a call: "away", "lost", or nothing."""
        if contract in self.away or self._draw.random() < self._temporary:
            return "away"
        return "lost" if self._draw.random() < self._lost else ""

    def keep(self, contract: str, body: bytes) -> None:
        """Note a call."""
        subject, number = (PRODUCT_NO if contract == "smshall" else ORDER_ID).search(body), STREAMING_NO.search(body)
        assert subject is not None
        assert number is not None
        known = self._numbers.setdefault(contract, {}).setdefault(subject[1], ())
        if number[1] in known:
            self._again[contract] += 1
        else:
            self._numbers[contract][subject[1]] = (*known, number[1])

    @property
    def told(self) -> int:
        """Users who have their SMS: the last message of an order."""
        return len(self._numbers.get("smshall", ()))

    def sums(self) -> dict[str, dict[str, object]]:
        """Give the StreamingNos of each order, counted, and the calls that came again under theirs."""
        numbers: dict[str, object] = {
            contract: {subject.decode(): len(known) for subject, known in orders.items()} for contract, orders in self._numbers.items()
        }
        return {"numbers": numbers, "again": dict(self._again)}


class Partners:
    """What the partners remember: calls by contract, the orders whose result the portal has, and who waits for more."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.ledger = ledger
        self.counts = {path.decode().rpartition("/")[2]: 0 for path in ANSWERS}
        self.finished: list[str] = []
        self._waiting: list[tuple[int, Callable[[bytes], None]]] = []

    def call(self, path: bytes, body: bytes) -> bytes | None:
        """Answer one SOAP call; None: no such partner, or no StreamingNo in the request."""
        answer, streaming_no = ANSWERS.get(path), STREAMING_NO.search(body)
        if answer is None or streaming_no is None:
            return None
        self.counts[path.decode().rpartition("/")[2]] += 1
        return answer(body, streaming_no[1].decode()).encode()

    def note_result(self, body: bytes) -> None:
        """Remember the order that a result to the portal is of, and wake who waited for it."""
        order_id = ORDER_ID.search(body)
        self.finished.append(order_id[1].decode() if order_id else "")
        waiting, self._waiting = self._waiting, []
        for after, send in waiting:
            self.wait_finished(after, send)

    def wait_finished(self, after: int, send: Callable[[bytes], None]) -> None:
        """Send how many orders are finished, at once or as soon as they are more than `after`."""
        if len(self.finished) > after:
            send(json.dumps({"finished": len(self.finished), "ids": self.finished[after:]}).encode())
        else:
            self._waiting.append((after, send))


class Connection(asyncio.Protocol):
    """One keep-alive connection of a caller."""

    def __init__(self, partners: Partners) -> None:
        self._partners = partners
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only

    def data_received(self, data: bytes) -> None:
        """Parse what came; a caller that breaks HTTP is hung up on."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._url, self._body = b"", b""

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self._url += url

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer the request."""
        path, _, query = self._url.partition(b"?")
        if path == b"/counts":
            self._send(json.dumps(self._partners.counts).encode())
        elif path == b"/finished":
            after = parse_qs(query.decode()).get("after", ["0"])[0]
            self._partners.wait_finished(int(after), self._send)
        elif (ledger := self._partners.ledger) is not None:
            self._answer_with_ledger(ledger, path, parse_qs(query.decode()))
        else:
            self._answer_call(path)

    def _answer_with_ledger(self, ledger: Ledger, path: bytes, query: dict[str, list[str]]) -> None:
        if path == b"/told":
            self._send(json.dumps({"told": ledger.told}).encode())
        elif path == b"/ledger":
            self._send(json.dumps(ledger.sums()).encode())
        elif path == b"/away":
            ledger.away = frozenset(query.get("contracts", [""])[0].split(","))
            self._send(b"{}")
        else:
            self._answer_or_fail(ledger, path)

    def _answer_or_fail(self, ledger: Ledger, path: bytes) -> None:
        contract = path.decode().rpartition("/")[2]
        fault = ledger.fault(contract)
        if fault == "away":
            self._transport.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
            return
        ledger.keep(contract, self._body)
        if fault:
            self._transport.close()
        else:
            self._answer_call(path)

    def _answer_call(self, path: bytes) -> None:
        answer = self._partners.call(path, self._body)
        if answer is None:
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"
            % (len(answer), answer)
        )
        if path == b"/services/portal":
            self._partners.note_result(self._body)

    def _send(self, document: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(document), document)
        )


async def _serve(port: int, ledger: Ledger | None) -> None:
    partners = Partners(ledger)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(partners), "127.0.0.1", port)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve on the loopback until killed; print one JSON line with the port when ready."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0, help="0: any free one, told in the ready line")
    parser.add_argument("--ledger", action="store_true", help="keep what each order came under")
    parser.add_argument("--temporary", type=float, default=0.0, help="share of calls that are refused for a moment; with --ledger")
    parser.add_argument("--lost", type=float, default=0.0, help="share of calls whose answer is lost; with --ledger")
    options = parser.parse_args()
    uvloop.run(_serve(options.port, Ledger(options.temporary, options.lost) if options.ledger else None))


if __name__ == "__main__":
    main()
