"""What a capture costs: the same order answered by the same front, with the capture off, and on with masking; prints microseconds as JSON.

Processor time of the whole process, the writer's thread included, which masks, describes and writes to a real file. `off` is a front
whose observer is None, `bare` what it would be without the question: the handler is called past it. The sides take turns, and of many the
tenth part that was disturbed least is told.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.ours_server import Handler
from bench.refusals import SUBSCRIBE_FILE
from gateway.capture.capture import Capture, Place
from gateway.capture.masking import Masking, fields_of
from gateway.capture.pseudonyms import Pseudonyms
from gateway.capture.recording import Choice
from gateway.contract import Codec, load_contract
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse

ROUNDS, TURN, WARM = 60, 200, 3


def main() -> None:
    """Time the three, in turns."""
    codec = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
    front = Front([Endpoint(codec, Handler(codec), reference=lambda: "r")], public_url="http://127.0.0.1:1")
    body = SUBSCRIBE_FILE.read_bytes()
    with TemporaryDirectory() as place:
        capture = Capture(
            Place("bench", Path(place), 1 << 30, 2, 1 << 30), lambda: Masking(Pseudonyms(b"k" * 32), fields_of([codec.contract])),
            {"vsop": "vsop"}, now=lambda: datetime.now(UTC), seconds=time.monotonic, events=lambda *_, **__: None,
            to_reactor=lambda call, *rest: call(*rest),
        )  # fmt: skip
        capture.watch(front, {})
        took: dict[str, list[float]] = {"bare": [], "off": [], "on": [], "on_in_the_reactor": []}
        for turn in range(ROUNDS):
            for name in ("bare", "off", "on"):
                if name == "on":
                    capture.start(Choice())
                act = front._post if name == "bare" else front.handle
                began, here = time.process_time(), time.thread_time()
                for _ in range(TURN):
                    _answer(act, body)
                if name == "on":
                    used_here = time.thread_time() - here
                    capture.stop()
                spent = (time.process_time() - began) / TURN * 1e6
                if turn >= WARM:
                    took[name].append(spent)
                    if name == "on":
                        took["on_in_the_reactor"].append(used_here / TURN * 1e6)
        shown = capture.show()
        if shown.written != TURN or shown.lost:
            raise SystemExit(f"the capture lost exchanges: {shown}")
    print(json.dumps({name: _least(values) for name, values in took.items()}))


def _answer(act, body):  # type: ignore[no-untyped-def]
    request = HttpRequest("POST", "/services/vsop", "", {"content-type": "text/xml; charset=utf-8"}, body, "127.0.0.1")
    given = act(request)
    if not isinstance(given, HttpResponse):
        raise SystemExit("the bench's handler answers at once")


def _least(values: list[float]) -> float:
    return sum(sorted(values)[: max(1, len(values) // 10)]) / max(1, len(values) // 10)


if __name__ == "__main__":
    main()
