"""What thousands of runs share because it is slow to make and never changes: compiled contracts, and endpoints that change hands.

Building Spyne's application of a contract takes up to 40 ms, a whole run a tenth of a second: an endpoint is made once, and lent to
one handler after the other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.contract import Codec
from gateway.runtime.means import make_endpoint, read_codec
from gateway.soap.endpoint import Endpoint
from stubs.kit import host
from stubs.kit.world import Seed
from stubs.kit.world_file import read_world

Make = Callable[[Codec, object, Callable[[], str]], Endpoint]


class _Desk:
    """Stands for the handler that an endpoint is lent to."""

    def __init__(self, handler: object, reference: Callable[[], str]) -> None:
        self.handler = handler
        self.reference = reference

    def refer(self) -> str:
        """Give an id that joins a fault to its log line."""
        return self.reference()

    def __getattr__(self, operation: str) -> Callable[[Any, Any], Any]:
        getattr(self.handler, operation)  # a missing operation is an error when the endpoint is made, as always

        def handle(request: Any, exchange: Any) -> Any:
            return getattr(self.handler, operation)(request, exchange)

        return handle


class Workshop:
    """Contracts and endpoints."""

    def __init__(self) -> None:
        self._codecs: dict[Path, Codec] = {}
        self._made: dict[tuple[str, int], tuple[Endpoint, _Desk]] = {}

    def codec(self, wsdl: Path) -> Codec:
        """Give a contract."""
        if wsdl not in self._codecs:
            self._codecs[wsdl] = read_codec(wsdl)
        return self._codecs[wsdl]

    def gateway_endpoint(self, process: str) -> Make:
        """Give what lends the endpoints of a gateway's process; it has them until its next life, or the next run, begins."""
        return functools.partial(self._lend, process, make_endpoint)

    def stub_endpoint(self, place: str) -> Make:
        """Give what lends the endpoints of a stub set."""
        return functools.partial(self._lend, f"partners-{place}", host.make_endpoint)

    @functools.cache  # noqa: B019  a workshop lasts as long as its process
    def world(self, files: tuple[Path, ...]) -> Seed:
        """Give what the stubs' worlds begin with."""
        return read_world(files)

    def _lend(self, whom: str, make: Make, codec: Codec, handler: object, reference: Callable[[], str]) -> Endpoint:
        key = whom, id(codec)
        if key not in self._made:
            desk = _Desk(handler, reference)
            self._made[key] = make(codec, desk, desk.refer), desk
        endpoint, desk = self._made[key]
        desk.handler, desk.reference = handler, reference
        return endpoint
