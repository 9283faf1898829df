"""What may become of a piece on its way between two machines, and who decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

LOOPBACK = "127.0.0.1"
HOP = 0.0005
"""Seconds on the way, at least."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one piece on its way; a plain one arrives after `delay` seconds."""

    delay: float = HOP
    lost: bool = False
    """Neither it nor anything after it arrives."""
    reset: float | None = None
    """This part of it arrives, then both ends are reset; 0: none of it."""
    again: float | None = None
    """A request arrives a second time, over another connection, so many seconds later."""
    split: bool = False
    """It arrives in two parts."""


class Weather(Protocol):
    """Decides."""

    def connecting(self, client: Machine, server: Machine) -> bool | None:
        """Say whether a connection comes about; None: nobody answers."""

    def fate(self, sender: Machine, receiver: Machine, request: bool) -> Fate:
        """Give what becomes of a piece."""


@dataclass(eq=False, slots=True)
class Machine:
    """Where processes run; what is said within one machine does not go over the network."""

    name: str
