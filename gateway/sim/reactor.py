"""What a process of the simulation has for a reactor: virtual time and the network in memory, and nothing of either once it is dead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.sim.network import Connector, Door, Network
from gateway.sim.timeline import Life, Planned, Timeline
from gateway.sim.weather import Machine
from gateway.vocabulary import CHINA


class SimReactor:
    """The reactor of one process."""

    def __init__(
        self, timeline: Timeline, network: Network, machine: Machine, life: Life, end: Callable[[], None] | None = None
    ) -> None:
        """`end` is called when the process ends itself."""
        self.timeline = timeline
        self.machine = machine
        self.life = life
        self._network = network
        self._end = end

    def stop(self) -> None:
        """End the process."""
        if self._end is not None:
            self._end()

    def seconds(self) -> float:
        """Give the time in seconds of the epoch."""
        return self.timeline.now

    def now(self) -> datetime:
        """Give the time in China."""
        return datetime.fromtimestamp(self.timeline.now, CHINA)

    def callLater(self, delay: float, act: Callable[..., object], *arguments: Any) -> Planned:  # noqa: N802 -- Twisted's
        """Act later."""
        return self.timeline.at(self.timeline.now + delay, self.life, act, *arguments)

    def callFromThread(self, act: Callable[..., object], *arguments: Any) -> None:  # noqa: N802 -- Twisted's
        """Act in a moment."""
        self.callLater(0, act, *arguments)

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Door:  # noqa: N802 -- Twisted's
        """Serve a port."""
        return self._network.listen(self.machine, self.life, port, factory)

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30.0) -> Connector:  # noqa: N802 -- Twisted's
        """Connect, and tell the factory."""
        return self._network.connect(self.machine, self.life, port, factory, timeout)
