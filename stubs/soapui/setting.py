"""How a project is run, and what a run needs of the world around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stubs.soapui.scope import Outside
from stubs.soapui.sending import Sender


@dataclass(frozen=True, slots=True)
class Options:
    """How a project is run.

    `endpoint` goes in the place of the project's addresses: whole where it has a path, else only its scheme, host and port, so that a
    gateway can be named without the paths of its services. `deadline`: seconds for one request, from connecting to the last byte.
    """

    contracts: Path
    endpoint: str | None = None
    deadline: float = 30.0
    properties: Mapping[str, str] = field(default_factory=dict)
    outside: Outside = field(default_factory=Outside)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs of the world: seconds that never go back, a pause, identifiers that are used once, and who sends."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    identifier: Callable[[], str]
    sender: Sender
