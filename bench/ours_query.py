"""Our side of query-one-number: fill a store with subscriptions, or ask it for one number after the other.

    python -m bench.ours_query FILE --stored 10000 --fill     # once
    python -m bench.ours_query FILE --stored 10000            # prints {"us_per_query": ..., "us_per_read": ...}

A query is bytes in, bytes out, as the HTTP front would hand them over: parsed, validated, answered from SQLite with 20
relations and their names, written. A read is what the store does of it. No sockets.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Coroutine, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bench.orders import mobile_number
from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.domain.catalogue import ContentPartner, Offer, OfferType, Product, Scope
from gateway.domain.facts import RelationStarted
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.routing import Place, Tier
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber
from gateway.engine.ports import CatalogueLoaded, SubscribersLoaded
from gateway.resources import contracts_dir
from gateway.services import queries
from gateway.services.desk import Desk
from gateway.soap.endpoint import Endpoint, Exchange
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore
from gateway.vocabulary import CHINA

HELD = 20
"""Relations of each number."""
ROWS = 2000
"""Rows in a commit while filling."""
WARM = 200
NOON = datetime(2026, 11, 23, 12, tzinfo=CHINA)
PRODUCTS = tuple(f"V1{n:08d}" for n in range(HELD))
PLAN = NumberPlan(mobile={str(1330000 + n): "15" for n in range(64)})


class Noon:
    """A clock that stands: all relations are in force."""

    def now(self) -> datetime:
        """Give noon."""
        return NOON


class Handler:
    """Answers the query as the gateway does; no other operation is called."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec

    async def subInstQryFromVSOP(self, request: Message, exchange: Exchange) -> Message:  # noqa: N802
        """Give what a number holds."""
        return await queries.subscriptions(self._desk, self._codec, request, exchange.routing)

    def __getattr__(self, operation: str) -> object:
        if operation.startswith("_") or operation not in self._codec.contract.operations:
            raise AttributeError(operation)
        return self.subInstQryFromVSOP  # nobody calls another one here


def fill(store: SqliteStore, stored: int) -> None:
    """Give each of stored / 20 users 20 relations."""
    products = [Product(p, f"产品{p}", p, "15000001", "200", "303", Scope.PROVINCIAL, "15") for p in PRODUCTS]
    offers = [Offer(p, f"销售品{p}", p, (p,)) for p in PRODUCTS]
    partner = ContentPartner("15000001", "伙伴", "partner")
    run(_commit(store, [CatalogueLoaded(tuple(products), tuple(offers), (partner,))]))
    users = [Subscriber(_number(n), "003", PayType.POSTPAID) for n in range(stored // HELD)]
    run(_commit(store, [SubscribersLoaded(tuple(users))]))
    relations = _relations(stored)
    while rows := list(islice(relations, ROWS)):
        run(_commit(store, rows))


async def _commit(store: SqliteStore, rows: list[Any]) -> None:
    await store.commit(rows)


def _relations(stored: int) -> Iterator[RelationStarted]:
    for n in range(stored // HELD):
        for product in PRODUCTS:
            number = _number(n)
            yield RelationStarted(
                Relation(number, product, product, OfferType.PURE, "211", RelationState.ACTIVE, NOON, NOON)
            )


def _number(index: int) -> Number:
    return Number(mobile_number(index))


def measure(store: SqliteStore, stored: int, count: int) -> dict[str, float]:
    """Ask for so many numbers, spread over all of them; gives microseconds for a query and for its read."""
    desk = Desk(
        here=Place(Tier.PROVINCE, "15"), plan=PLAN, store=store, engine=None, clock=Noon(),  # type: ignore[arg-type]
        events=lambda event, /, **fields: None, knows=lambda address: False, channels=frozenset({"211"}),
        line=lambda address, contract: None, partners=(), random_code=str,
    )  # fmt: skip
    run(desk.load())
    codec = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
    endpoint = Endpoint(codec, Handler(desk, codec), reference=lambda: "R")
    chosen = random.Random(stored)
    numbers = [_number(chosen.randrange(stored // HELD)) for _ in range(count + WARM)]
    bodies = [_request(codec, number, n) for n, number in enumerate(numbers)]
    for body in bodies[:WARM]:
        _ask(endpoint, body)
    began = time.perf_counter()
    for body in bodies[WARM:]:
        _ask(endpoint, body)
    asked = time.perf_counter()
    for number in numbers[WARM:]:
        run(_read(store, number))
    read = time.perf_counter()
    return {"us_per_query": (asked - began) / count * 1e6, "us_per_read": (read - asked) / count * 1e6}


def _request(codec: Codec, number: Number, serial: int) -> bytes:
    request = codec["subInstQryFromVSOP"](
        StreamingNo=f"21120261123120000{serial:09d}", TimeStamp="20261123120000", SystemId="211", ProdSpecCode="003",
        ProductNo=number.digits,
    )  # fmt: skip
    element = codec.contract.operations["subInstQryFromVSOP"].request
    body = codec.by_element[element].encode(request)
    envelope = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<s:Envelope xmlns:s="{envelope}"{codec.namespace_declarations()}><s:Body>{body}</s:Body></s:Envelope>'.encode()


def _ask(endpoint: Endpoint, body: bytes) -> None:
    answer: Any = endpoint.answer(body, charset=None, action="", peer="bench")
    if answer.status != 200 or answer.body.count(b"VProductName>") != 2 * HELD:
        raise SystemExit(f"bench: not an answer with {HELD} rows: {answer.status} {answer.body[:600]!r}")


async def _read(store: SqliteStore, number: Number) -> None:
    if await store.subscriber(number) is None or len(await store.relations(number)) != HELD:
        raise SystemExit("bench: the store does not have what was filled in")


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits for a reactor."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise SystemExit("bench: the store asked for a reactor")


def main() -> None:
    """Fill or measure; one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.ours_query")
    parser.add_argument("file", type=Path)
    parser.add_argument("--stored", type=int, required=True, help="subscriptions in the store, 20 for each number")
    parser.add_argument("--fill", action="store_true", help="make the file and fill it")
    parser.add_argument("--queries", type=int, default=2000)
    options = parser.parse_args()
    store = SqliteStore(options.file, promise=BlockingPromise, on_thread_result=lambda act: act())
    began = time.perf_counter()
    try:
        if options.fill:
            fill(store, options.stored)
            told = {"seconds": time.perf_counter() - began}
        else:
            told = measure(store, options.stored, options.queries)
    finally:
        store.close()
    print(json.dumps({"stored": options.stored, **told}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
