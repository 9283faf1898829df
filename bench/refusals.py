"""Ten requests that break the contract in ten ways, and how many of them a server refuses.

A faster server that checks less is not the same server: the table says how many each refused.
"""

import http.client
import re
from pathlib import Path

from bench.processes import Running

SUBSCRIBE_FILE = Path(__file__).parent / "subscribe.xml"
SOAP_ACTION = "urn:vas:vsop:v1/subscribeToVSOP"
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{SOAP_ACTION}"'}
SUCCESS = re.compile(rb"ResultCode[^>]*>0<")
ANSWER_BYTES = range(750, 1100)


def break_contract(good: bytes) -> dict[str, bytes]:
    """Make the ten bad requests, by what is wrong in them."""
    offer = re.search(rb"[ \n]*<v:ProductOfferInfo>.*?</v:ProductOfferInfo>", good, re.DOTALL)
    assert offer is not None
    streaming_no, time_stamp = _element(good, b"StreamingNo"), _element(good, b"TimeStamp")
    broken = {
        "pattern": good.replace(b"SystemId>211<", b"SystemId>x11<"),
        "enumeration": good.replace(b"ActionType>0<", b"ActionType>9<"),
        "too long": good.replace(b"V10000004", b"V" * 26),
        "number": good.replace(b"ProductNo>1330", b"ProductNo>abcd"),
        "month 13": good.replace(time_stamp, b"<v:TimeStamp>20261301093000</v:TimeStamp>"),
        "missing": good.replace(streaming_no, b""),
        "unknown element": good.replace(time_stamp, time_stamp + b"<v:Extra>1</v:Extra>"),
        "order of elements": good.replace(streaming_no, b"").replace(time_stamp, time_stamp + streaming_no),
        "offer without id": good.replace(_element(good, b"ProductOfferID"), b"", 1),
        "21 offers": good.replace(offer[0], offer[0] * 20),
    }
    assert all(bad != good for bad in broken.values())
    return broken


def check_answer(server: Running) -> int:
    """Send the fixed request once and return the answer's length; SystemExit: it is not the answer agreed on."""
    good = SUBSCRIBE_FILE.read_bytes()
    status, answer = _post(server, good)
    echoed = _element(good, b"StreamingNo").split(b">")[1].split(b"<")[0]
    items = len(re.findall(rb"<(?:[\w.-]+:)?ResultInfo[ >]", answer))
    if status != 200 or not SUCCESS.search(answer) or echoed not in answer or items != 2:
        raise SystemExit(f"bench: {server.name} answers the fixed request with {status} {answer[:300]!r}")
    if len(answer) not in ANSWER_BYTES:
        raise SystemExit(f"bench: {server.name}'s answer is of {len(answer)} bytes: not the same work as the others'")
    return len(answer)


def count_refused(server: Running) -> int:
    """Count which of the ten bad requests a server does not accept."""
    broken = break_contract(SUBSCRIBE_FILE.read_bytes())
    return sum(not _accepted(*_post(server, bad)) for bad in broken.values())


def _accepted(status: int, answer: bytes) -> bool:
    return status == 200 and SUCCESS.search(answer) is not None


def _post(server: Running, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("POST", server.path, body, HEADERS)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _element(document: bytes, name: bytes) -> bytes:
    found = re.search(rb"<v:%b>[^<]*</v:%b>" % (name, name), document)
    assert found is not None
    return found[0]
