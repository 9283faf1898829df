"""The conventional build of order 4.1.1: stock Spyne in threads, Zeep over requests in a pool, a commit for each write.

It must not know the gateway. One order is one SOAP call in (subscribeToVSOP), four out (feeCheck, serverAction,
subsInstSynToHB, subResultFromVSOP) and six commits (accepted, four steps, finished). GET /done tells how many finished.
"""

import argparse
import json
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from zoneinfo import ZoneInfo

import requests
import zeep
from spyne import Application, Service, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication
from zeep.transports import Transport

from bench.peers.conventional_store import Store
from bench.peers.vsop_models import ANSWER, ANSWER_NAMES, SUBSCRIBE, VSOP, OfferResult
from bench.peers.wsgi_host import serve

CONTRACTS = Path(__file__).parents[2] / "wsdl"
ZONE = ZoneInfo("Asia/Shanghai")
PREPAID = "1"
FOREVER = "20371231235959"


@dataclass(frozen=True, slots=True)
class Product:
    """One product of an order with the offer that it belongs to."""

    product: str
    offer: str
    offer_type: str


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted order as the steps need it."""

    order_id: str
    channel: str
    prod_spec_code: str
    product_no: str
    products: tuple[Product, ...]

    @property
    def offers(self) -> list[str]:
        """List the offers, each once, in the order's order."""
        return list(dict.fromkeys(product.offer for product in self.products))


class Partners:
    """The four outgoing contracts of one worker: Zeep clients over one requests session, both of this thread alone."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._transport = Transport(session=requests.Session(), operation_timeout=30)  # type: ignore[no-untyped-call]
        self.ocs = self._service("ocs")
        self.xplatform = self._service("xplatform")
        self.billing = self._service("billing")
        self.portal = self._service("portal")

    def _service(self, name: str) -> Any:
        client = zeep.Client(str(CONTRACTS / f"{name}.wsdl"), transport=self._transport)  # type: ignore[no-untyped-call]
        binding = f"{{urn:vas:{name}:v1}}{name.title()}Soap11"
        return client.create_service(binding, f"{self._url}/services/{name}")  # type: ignore[no-untyped-call]


class Flow:
    """The steps of one order, in one worker thread; each is called, then written with its own commit."""

    def __init__(self, partners: Partners, store: Store, next_number: Callable[[], int]) -> None:
        self._partners = partners
        self._store = store
        self._next_number = next_number

    def run(self, order: Order) -> None:
        """Run the order to its end."""
        self._step(order, "feeCheck", self._fee_check)
        self._step(order, "serverAction", self._server_action)
        self._step(order, "subsInstSynToHB", self._archive)
        self._step(order, "subResultFromVSOP", self._tell_portal)
        self._store.finish(order.order_id)

    def _step(self, order: Order, name: str, call: Callable[[Order, dict[str, str]], Any]) -> None:
        now = datetime.now(ZONE).strftime("%Y%m%d%H%M%S")
        header = {"StreamingNo": f"201{now}{self._next_number():09d}", "TimeStamp": now, "SystemId": "201"}
        answer = call(order, header)
        if answer.ResultCode != "0" or answer.StreamingNo != header["StreamingNo"]:
            raise ValueError(f"{name} of {order.order_id} was refused")
        self._store.add_step(order.order_id, name, header["StreamingNo"], answer.ResultCode)

    def _fee_check(self, order: Order, header: dict[str, str]) -> Any:
        return self._partners.ocs.feeCheck(
            **header, ProdSpecCode=order.prod_spec_code, ProductNo=order.product_no, ContentType="2"
        )

    def _server_action(self, order: Order, header: dict[str, str]) -> Any:
        products = [
            {
                "ActionType": "0",
                "VProductID": product.product,
                "ProductOfferType": product.offer_type,
                "ProductOfferID": product.offer,
            }
            for product in order.products
        ]
        return self._partners.xplatform.serverAction(
            **header,
            OrderId=order.order_id,
            ProdSpecCode=order.prod_spec_code,
            ProductNo=order.product_no,
            UserPayType=PREPAID,
            VProductInfo=products,
        )

    def _archive(self, order: Order, header: dict[str, str]) -> Any:
        relations = [
            {
                "VProductID": product.product,
                "SPID": "SP00000001",
                "ProductOfferType": product.offer_type,
                "ProductOfferID": product.offer,
                "Status": "0",
                "SubscribeTime": header["TimeStamp"],
                "EffDate": header["TimeStamp"],
                "ExpDate": FOREVER,
            }
            for product in order.products
        ]
        return self._partners.billing.subsInstSynToHB(
            **header,
            OrderId=order.order_id,
            ProdSpecCode=order.prod_spec_code,
            ProductNo=order.product_no,
            ChannelPlayerID=order.channel,
            SubsInstInfo=relations,
        )

    def _tell_portal(self, order: Order, header: dict[str, str]) -> Any:
        results = [{"ProductOfferID": offer, "OPResult": "0", "OPDesc": "activated"} for offer in order.offers]
        return self._partners.portal.subResultFromVSOP(
            **header,
            OrderId=order.order_id,
            ProdSpecCode=order.prod_spec_code,
            ProductNo=order.product_no,
            ResultInfo=results,
        )


class Workers:
    """A pool of threads that run accepted orders; each has its own clients, session and database connection."""

    def __init__(self, *, threads: int, partners_url: str, store: Store) -> None:
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._number = 0
        self.done = 0
        ready = threading.Barrier(threads + 1)
        for _ in range(threads):
            threading.Thread(target=self._work, args=(partners_url, store, ready), daemon=True).start()
        ready.wait()

    def submit(self, order: Order) -> None:
        """Queue an accepted order."""
        self._orders.put(order)

    def _work(self, partners_url: str, store: Store, ready: threading.Barrier) -> None:
        flow = Flow(Partners(partners_url), store, self._next_number)
        ready.wait()
        while True:
            flow.run(self._orders.get())
            with self._lock:
                self.done += 1

    def _next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number


def build(store: Store, workers: Workers) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Build the WSGI application: the SOAP endpoint, and GET /done beside it."""

    class VsopService(Service):  # type: ignore[misc]
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
            products = tuple(
                Product(product.VProductID, offer.ProductOfferID, offer.ProductOfferType)
                for offer in ProductOfferInfo
                for product in offer.VSubProdInfo or ()
            )
            order = Order(OrderId, SystemId, ProdSpecCode, ProductNo, products)
            store.accept(StreamingNo, order.order_id, SystemId, ProductNo, json.dumps(order.offers))
            workers.submit(order)
            results = [OfferResult(ProductOfferID=offer, OPResult="0", OPDesc="accepted") for offer in order.offers]
            return StreamingNo, "0", "accepted: the result follows by subResultFromVSOP", results

    protocols = {"in_protocol": Soap11(validator="lxml"), "out_protocol": Soap11()}
    soap = WsgiApplication(Application([VsopService], VSOP, name="Vsop", **protocols))

    def application(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environment["PATH_INFO"] == "/done":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps({"completed": workers.done}).encode()]
        answer: Iterable[bytes] = soap(environment, start_response)
        return answer

    return application


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0, help="0: any free one, told in the ready line")
    parser.add_argument("--partners", required=True, metavar="URL", help="where the partners are, without /services")
    parser.add_argument("--database", required=True, type=Path, help="a new SQLite file")
    parser.add_argument("--workers", type=int, default=16, help="threads that run orders")
    options = parser.parse_args()
    store = Store(options.database)
    workers = Workers(threads=options.workers, partners_url=options.partners, store=store)
    serve(build(store, workers), port=options.port)


if __name__ == "__main__":
    main()
