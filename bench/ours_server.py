"""Our SOAP endpoint alone: the contract, the compiled codec and the HTTP front, with a handler that answers answer.json."""

import argparse
import json
import sys
from pathlib import Path

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.resources import contracts_dir
from gateway.runtime import reactor as reactors

ANSWER = json.loads((Path(__file__).parent / "answer.json").read_text(encoding="utf-8"))


class Handler:
    """Answers subscribeToVSOP; the other operations of the contract are there and refuse by failing."""

    def __init__(self, codec: Codec) -> None:
        self._answer = codec["subscribeToVSOPResponse"]
        self._item = codec["OfferResult"]

    async def subscribeToVSOP(self, request: Message, exchange: object) -> Message:  # noqa: N802
        """Give the fixed answer as a typed message, made anew for each request."""
        return self._answer(
            StreamingNo=request.StreamingNo,
            ResultCode=ANSWER["ResultCode"],
            ResultDesc=ANSWER["ResultDesc"],
            ResultInfo=[self._item(**item) for item in ANSWER["ResultInfo"]],
        )

    async def _unused(self, request: Message, exchange: object) -> Message:
        raise NotImplementedError

    def __getattr__(self, operation: str) -> object:
        if operation.startswith("_"):
            raise AttributeError(operation)
        return self._unused


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    reactor = reactors.install()
    from gateway.soap.endpoint import Endpoint  # noqa: PLC0415  after the reactor is chosen
    from gateway.soap.front import Front  # noqa: PLC0415
    from gateway.soap.http import HttpFactory, HttpLimits  # noqa: PLC0415

    codec = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
    endpoint = Endpoint(codec, Handler(codec), reference=lambda: "R")
    factory = HttpFactory(Front([endpoint], public_url="http://127.0.0.1"), HttpLimits(), clock=reactor)
    port = reactor.listenTCP(options.port, factory, interface="127.0.0.1").getHost().port
    reactor.callWhenRunning(lambda: (print(json.dumps({"port": port})), sys.stdout.flush()))
    reactor.run()


if __name__ == "__main__":
    main()
