"""What a gateway has from outside its own code: time, chance, secrets, contracts, a store. Real unless somebody hands in others.

The simulation hands in others: there all of them follow from one number. Must not know which.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from time import perf_counter
from typing import Any

from gateway.config import Config
from gateway.contract import Codec, load_contract
from gateway.engine.ports import Boundary, Store
from gateway.runtime.clock import confirmation_code, reference
from gateway.runtime.failpoints import boundary
from gateway.soap.endpoint import Endpoint

OpenStore = tuple[Store, Callable[[], None], Callable[[], bool]]
"""A store with what closes it and what tells whether it works."""


def read_codec(wsdl: Path) -> Codec:
    """Read a contract and compile it; raises ContractError."""
    return Codec(load_contract(wsdl))


def make_endpoint(codec: Codec, handler: object, make_reference: Callable[[], str]) -> Endpoint:
    """Serve a contract by a handler."""
    return Endpoint(codec, handler, reference=make_reference)


@dataclass(frozen=True, slots=True)
class Means:
    """The outside of one gateway."""

    now: Callable[[], datetime] | None = None
    """Gives the time of day; None: the wall clock's, but steady."""
    seconds: Callable[[], float] = perf_counter
    """Counts seconds, as finely as a call is to be measured."""
    random: Callable[[], float] = random.random
    """Gives numbers of [0, 1) for back-off."""
    secret: Callable[[int], bytes] = token_bytes
    """Gives so many bytes that nobody can guess, for nonces."""
    reference: Callable[[], str] = reference
    confirmation_code: Callable[[], str] = confirmation_code
    boundary: Callable[[str, str], Boundary] = boundary
    """Makes the engine's boundary from what is configured."""
    codec: Callable[[Path], Codec] = read_codec
    endpoint: Callable[[Codec, object, Callable[[], str]], Endpoint] = make_endpoint
    store: Callable[[Config, Any], OpenStore] | None = None
    """Opens the store; None: the one that is configured."""
    lease: timedelta | None = None
    """How long this process may give no sign of life before others take over; None: no other has its store. On PostgreSQL
    the configuration says it."""
    token: Callable[[Path], str] | None = None
    """Gives the admin token; None: the one in the file."""
