"""What a UsernameToken costs: the same message without and with one, answered by the same endpoint; prints microseconds as JSON.

Processor time of the whole process, the store's writer thread included: plain, with a header block that nobody looks at, judged but with
no row written for the nonce, and all of it. In the last each token is read, proved, looked up and written to a SQLite
file with synchronous FULL, in the transaction in which both sides write what an accepted order writes anyway. Messages come sixteen in a
turn of the reactor, as from so many connections. The sides change every few turns, and of many the tenth part that was disturbed least is
told: on a busy machine the same work takes up to twice the processor time.
"""

import base64
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.ours_server import Handler
from bench.refusals import SUBSCRIBE_FILE
from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.engine.ports import InboxRow, Store
from gateway.resources import contracts_dir
from gateway.runtime import reactor as reactors
from gateway.soap.endpoint import Exchange
from gateway.soap.guard import Guard

PASSWORD, USER = b"a password of the bench", "portal"
TURN, TURNS, ROUNDS, WARM = 16, 8, 50, 5
NOW = datetime.now(UTC)
PARTNERS = """
[portal]
systems = ["211"]
authentication = ["username-token"]
password_file = "password"
networks = ["127.0.0.0/8"]
operations = ["vsop/*"]
provinces = ["*"]
[portal.rate]
per_second = 1_000_000
burst = 1_000_000
"""
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
HEADER = (
    f'<wsse:Security xmlns:wsse="{WSS}-wssecurity-secext-1.0.xsd" soapenv:mustUnderstand="%s"><wsse:UsernameToken>'
    f'<wsse:Username>{USER}</wsse:Username><wsse:Password Type="{WSS}-username-token-profile-1.0#PasswordDigest">%s</wsse:Password>'
    f'<wsse:Nonce EncodingType="{WSS}-soap-message-security-1.0#Base64Binary">%s</wsse:Nonce>'
    f'<wsu:Created xmlns:wsu="{WSS}-wssecurity-utility-1.0.xsd">%s</wsu:Created></wsse:UsernameToken></wsse:Security>'
)


def messages(count: int, *, token: bool, must: str) -> Iterator[bytes]:
    """Make messages before they are timed; the lab's Routing block is left out, which only a gateway may send."""
    text = SUBSCRIBE_FILE.read_text(encoding="utf-8")
    head, _, rest = text.partition("<t:Routing>")
    rest = rest.partition("</t:Routing>")[2]
    created = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for _ in range(count):
        nonce = os.urandom(16)
        digest = base64.b64encode(sha1(nonce + created.encode() + PASSWORD, usedforsecurity=False).digest()).decode()
        header = HEADER % (must, digest, base64.b64encode(nonce).decode(), created) if token else ""
        yield (head + header + rest).encode()


def main() -> None:
    """Time both, in turns."""
    reactor = reactors.install()
    from twisted.internet.defer import Deferred  # noqa: PLC0415  after the reactor is chosen

    with TemporaryDirectory() as place:
        told: list[object] = []

        def begin() -> None:
            Deferred.fromCoroutine(_measure(reactor, Path(place))).addBoth(told.append).addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        reactor.run()
    if not isinstance(told[0], dict):
        raise SystemExit(str(told[0]))
    print(json.dumps(told[0]))


async def _measure(reactor: object, place: Path) -> dict[str, float]:
    from gateway.access.door import Door  # noqa: PLC0415
    from gateway.access.kinds import Freshness, kinds  # noqa: PLC0415
    from gateway.domain.numbers import NumberPlan  # noqa: PLC0415
    from gateway.runtime.clock import ReactorClock  # noqa: PLC0415
    from gateway.runtime.spawning import DeferredPromise, spawn  # noqa: PLC0415
    from gateway.soap.endpoint import Endpoint  # noqa: PLC0415
    from gateway.store.sqlite import SqliteStore  # noqa: PLC0415

    codec = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
    (place / "partners.toml").write_text(PARTNERS)
    (place / "password").write_bytes(PASSWORD)
    (place / "password").chmod(0o600)
    store = SqliteStore(
        place / "store", promise=DeferredPromise, on_thread_result=reactors.from_threads(), gather=reactor.callFromThread
    )
    door = Door(
        place / "partners.toml", {}, kinds=kinds(), fresh=Freshness(), share=1.0, shared=False, plan=NumberPlan(), store=store,
        clock=ReactorClock(reactor), spawn=spawn, events=lambda *_, **__: None,
        passed=reactor.seconds,
    )  # fmt: skip
    await door.load()
    handler = Accepting(codec, store)
    open_to_all, guarded, unwritten = (Endpoint(codec, handler, reference=lambda: "R") for _ in range(3))
    guarded.guarded(door.guard)
    unwritten.guarded(Unwritten(door.guard))
    # An endpoint that asks nobody for a token must not be asked to understand one.
    sides = {
        "plain": (open_to_all, False, "0"), "header_alone": (open_to_all, True, "0"), "row_left_out": (unwritten, True, "1"),
        "with_token": (guarded, True, "1"),
    }  # fmt: skip
    told: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(ROUNDS):
        for side, (endpoint, token, must) in sides.items():
            spent = await _time(reactor, endpoint, list(messages(TURN * TURNS, token=token, must=must)))
            if number >= WARM:
                told[side].append(spent)
    door.stop()
    store.close()
    return {side: sorted(each)[len(each) // 10] for side, each in told.items()}


class Accepting(Handler):
    """Answers as the server bench does, and has written what an accepted request leaves."""

    def __init__(self, codec: Codec, store: Store) -> None:
        super().__init__(codec)
        self._store = store
        self._count = 0

    async def subscribeToVSOP(self, request: Message, exchange: object) -> Message:  # noqa: N802
        """Give the fixed answer; nothing waits for the disk, since only processor time is looked at."""
        self._count += 1
        row = InboxRow("211", str(self._count), "subscribeToVSOP", "0" * 32, "{}", NOW)
        self._store.commit([row])
        return await super().subscribeToVSOP(request, exchange)


class Unwritten:
    """The guard, but that it has nothing written: what the row of a token costs is the difference."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.admit = guard.admit

    @property
    def understood(self) -> frozenset[str]:
        """Return what the guard processes."""
        return self._guard.understood

    def judge(self, request: Message, exchange: Exchange) -> None:
        """Judge as the guard does."""
        exchange.marks = ()
        self._guard.judge(request, exchange)


async def _time(reactor: object, endpoint: object, bodies: list[bytes]) -> float:
    """Give the microseconds of one message, until all that it left to do is done."""
    from twisted.internet.task import deferLater  # noqa: PLC0415

    began = time.process_time()
    for first in range(0, len(bodies), TURN):
        for body in bodies[first : first + TURN]:
            answer = endpoint.answer(body, charset="utf-8", action="", peer="127.0.0.1")
            if answer.status != 200:
                raise SystemExit(f"a message was refused: {answer.body.decode()[:600]}")
        await deferLater(reactor, 0, lambda: None)
    await deferLater(reactor, 0.02, lambda: None)
    return (time.process_time() - began) / len(bodies) * 1e6


if __name__ == "__main__":
    main()
