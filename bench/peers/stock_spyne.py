"""The stock Spyne peer: Application, Soap11 with the lxml validator and WsgiApplication, as its manual shows.

It must not know the gateway: models are hand-written, the answer is fixed but for the echoed StreamingNo.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from spyne import Application, Service, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from bench.peers.vsop_models import ANSWER, ANSWER_NAMES, SUBSCRIBE, VSOP, OfferResult
from bench.peers.wsgi_host import serve

FIXED = json.loads((Path(__file__).parents[1] / "answer.json").read_text(encoding="utf-8"))


class VsopService(Service):  # type: ignore[misc]
    """Accepts every order that the schema lets through."""

    @rpc(*SUBSCRIBE, _returns=ANSWER, _out_variable_names=ANSWER_NAMES)  # type: ignore[untyped-decorator]
    def subscribeToVSOP(  # noqa: N802 - name of the wire
        ctx: Any,  # noqa: N805 - Spyne's services have no self
        StreamingNo: str,  # noqa: N803
        TimeStamp: str,  # noqa: N803
        SystemId: str,  # noqa: N803
        ActionType: str,  # noqa: N803
        OrderId: str,  # noqa: N803
        ProdSpecCode: str,  # noqa: N803
        ProductNo: str,  # noqa: N803
        ProductOfferInfo: list[Any],  # noqa: N803
    ) -> tuple[str, str, str, list[OfferResult]]:
        """Answer the fixed answer."""
        results = [OfferResult(**result) for result in FIXED["ResultInfo"]]
        return StreamingNo, FIXED["ResultCode"], FIXED["ResultDesc"], results


def build() -> WsgiApplication:
    """Build the WSGI application of the peer."""
    protocols = {"in_protocol": Soap11(validator="lxml"), "out_protocol": Soap11()}
    return WsgiApplication(Application([VsopService], VSOP, name="Vsop", **protocols))


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0, help="0: any free one, told in the ready line")
    parser.add_argument(
        "--host", choices=["threads", "twisted"], default="threads", help="what carries the WSGI application"
    )
    options = parser.parse_args()
    (serve if options.host == "threads" else serve_twisted)(build(), port=options.port)


def serve_twisted(application: WsgiApplication, *, port: int) -> None:
    """Serve on twisted.web's WSGIResource, as Spyne's users on Twisted do since its own transport fails to import."""
    from twisted.internet import reactor as installed  # noqa: PLC0415
    from twisted.web.server import Site  # noqa: PLC0415
    from twisted.web.wsgi import WSGIResource  # noqa: PLC0415

    reactor: Any = installed
    site: Any = Site(WSGIResource(reactor, reactor.getThreadPool(), application))  # type: ignore[no-untyped-call]
    site.noisy = False
    listening = reactor.listenTCP(port, site, interface="127.0.0.1")
    reactor.callWhenRunning(lambda: print(json.dumps({"port": listening.getHost().port}), flush=True))
    reactor.run()


if __name__ == "__main__":
    main()
