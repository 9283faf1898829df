"""A server of the four served contracts that does nothing: it answers by sample, and says on stdout what it was asked.

The gateway's own front, HTTP and endpoints, with other handlers. The form of the answer is the one that the request's StreamingNo
begins with. One JSON line when it listens, then one for each request that its contract took.

    python mirror.py PORT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "contract")]

from message_model import SERVED, WSDL, Complex, Member, Simple, model  # noqa: E402
from samples import FORMS  # noqa: E402
from twisted.internet import reactor  # noqa: E402

from gateway.contract import Codec, load_contract  # noqa: E402
from gateway.contract.codec import Message  # noqa: E402
from gateway.soap.endpoint import Endpoint, Exchange  # noqa: E402
from gateway.soap.front import Front  # noqa: E402
from gateway.soap.http import HttpFactory  # noqa: E402


class Mirror:
    """A handler of every operation of a contract."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def __getattr__(self, name: str) -> Callable[[Message, Exchange], Awaitable[Any]]:
        operation = self._codec.contract.operations.get(name)
        if operation is None:
            raise AttributeError(name)

        async def handle(request: Message, exchange: Exchange) -> Any:
            routing = None if exchange.routing is None else plain(exchange.routing)
            tell(operation=name, asked=plain(request), soap=exchange.version.name, action=exchange.action, routing=routing)
            form = next((each for each in FORMS if request.StreamingNo.startswith(each)), "single")
            kind = model().element(operation.response)
            return shaped(kind, {**FORMS[form](kind), "StreamingNo": request.StreamingNo})

        return handle


def shaped(kind: Complex, fields: dict[str, Any]) -> Any:
    """Turn JSON values into what an encoder reads."""

    def value(member: Member) -> Any:
        given = fields.get(member.name, [] if member.maximum > 1 else None)
        if isinstance(member.kind, Simple) or given is None:
            return given
        return [shaped(member.kind, each) for each in given] if member.maximum > 1 else shaped(member.kind, given)

    return SimpleNamespace(**{member.name: value(member) for member in kind.members})


def plain(value: Any) -> Any:
    """Turn a message into JSON values; what is absent is left out."""
    if isinstance(value, Message):
        held = {name: plain(getattr(value, name)) for name in value.field_names}
        return {name: item for name, item in held.items() if item is not None and item != []}
    return [plain(item) for item in value] if isinstance(value, list) else value


def tell(**line: Any) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def serve(port: int) -> None:
    """Listen on loopback until the process is ended."""
    codecs = [Codec(load_contract(WSDL / f"{name}.wsdl")) for name in SERVED]
    endpoints = [Endpoint(codec, Mirror(codec), reference=lambda: "mirror", check_answers=True) for codec in codecs]
    front = Front(endpoints, public_url=f"http://127.0.0.1:{port}")
    reactor.listenTCP(port, HttpFactory(front, clock=reactor), interface="127.0.0.1")
    reactor.callWhenRunning(tell, ready=True)
    reactor.run()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
