"""The connection is cut inside COMMIT: the outcome is read before anybody is told one."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from postgres import Cluster
from store_rows import open_postgres, request, wait
from test_postgres import outcome

from gateway.store.errors import StoreFailed
from gateway.store.promise import BlockingPromise


class Wire:
    """Stands between a store and its server, and cuts once, when COMMIT goes by.

    `let_through` says whether the server still gets it; nothing comes back in either case. `refusing` then keeps new connections away.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.armed = False
        self.let_through = False
        self.refusing = False
        self.cut = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                if self.refusing:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server))
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        ways = {client: server, server: client}
        with client, server, selectors.DefaultSelector() as ready, suppress(OSError):
            for one in ways:
                ready.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    found = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not found:
                        return
                    if self.armed and key.fileobj is client and b"COMMIT" in found:
                        self.armed = False
                        if self.let_through:
                            server.sendall(found)
                            server.recv(65536)  # it has done it
                        self.cut.set()
                        return
                    ways[key.fileobj].sendall(found)  # type: ignore[index]

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def wire(cluster: Cluster) -> Iterator[Wire]:
    """Give a wire to the server."""
    made = Wire(cluster.port)
    yield made
    made.close()


def through(wire: Wire, cluster: Cluster, url: str) -> str:
    return url.replace(f":{cluster.port}/", f":{wire.port}/")


@pytest.mark.parametrize("let_through", [True, False])
def test_cut_commit_is_written_once(cluster: Cluster, database: str, wire: Wire, let_through: bool) -> None:
    """Whether the server got COMMIT or not, the caller is told that it is written, and it is, once."""
    store = open_postgres(through(wire, cluster, database))
    wire.let_through, wire.armed = let_through, True
    told = outcome(store.commit([request()]))
    store.close()
    found = cluster.execute("SELECT count(*) FROM inbox", database)
    assert (told, wire.cut.is_set(), found) == (None, True, [(1,)])


def test_nobody_is_told_before_it_is_known(cluster: Cluster, database: str, wire: Wire) -> None:
    """While the server cannot be asked the caller waits; reads fail at once."""
    store = open_postgres(through(wire, cluster, database))
    wire.let_through = wire.armed = wire.refusing = True
    promise = store.commit([request()])
    wire.cut.wait(10)
    assert isinstance(promise, BlockingPromise)
    known_at_once = promise._settled.wait(0.5)
    read = outcome(store.inbox("211", "1"))
    wire.refusing = False
    wait(promise)
    store.close()
    assert (known_at_once, read) == (False, StoreFailed)


def test_close_does_not_wait_for_a_lost_server(cluster: Cluster, database: str, wire: Wire) -> None:
    """A gateway that ends while an outcome is open ends: the next one reads what is there."""
    store = open_postgres(through(wire, cluster, database))
    wire.let_through = wire.armed = wire.refusing = True
    promise = store.commit([request()])
    wire.cut.wait(10)
    store.close()
    with pytest.raises(StoreFailed, match="before it was known"):
        wait(promise)
