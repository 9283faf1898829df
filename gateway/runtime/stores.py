"""Opens the store that is configured. Its driver's threads give their results to the reactor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.config import Config
from gateway.engine.ports import Store
from gateway.runtime.means import OpenStore
from gateway.runtime.reactor import from_threads
from gateway.runtime.spawning import DeferredPromise
from gateway.store.errors import StoreUnusable
from gateway.store.journal import Journal
from gateway.store.memory import MemoryStore
from gateway.store.sqlite import SqliteStore


def open_store(config: Config, reactor: Any, journal: Journal | None = None) -> OpenStore:
    """Give the store, what closes it and what tells whether it works; raises StoreUnusable or OSError. `journal` counts its groups."""
    config.gateway.state_dir.mkdir(parents=True, exist_ok=True)
    if config.store.kind == "memory":
        return MemoryStore(), lambda: None, lambda: True
    if config.store.kind == "postgres":
        return _postgres(config, reactor, journal)
    store = SqliteStore(
        config.store.path, promise=DeferredPromise, on_thread_result=from_threads(), gather=reactor.callFromThread,
        journal=journal,
    )
    return store, store.close, lambda: store.working


def _postgres(config: Config, reactor: Any, journal: Journal | None) -> tuple[Store, Callable[[], None], Callable[[], bool]]:
    try:
        from gateway.store.postgres import PostgresStore  # noqa: PLC0415  its driver is an extra
    except ImportError as error:
        raise StoreUnusable("store.kind postgres needs psycopg: pip install 'vsop-gateway[postgres]'") from error
    store = PostgresStore(
        config.store.url, promise=DeferredPromise, on_thread_result=from_threads(), gather=reactor.callFromThread,
        journal=journal,
    )
    return store, store.close, lambda: store.working
