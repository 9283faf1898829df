"""What thousands of runs share because it is slow to make and never changes: compiled contracts, and endpoints that change hands.

Building Spyne's application of a contract takes up to 40 ms, a whole run a tenth of a second: an endpoint is made once, and lent to
one handler after the other.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gateway.contract import Codec
from gateway.runtime.means import make_endpoint, read_codec
from gateway.soap.endpoint import Endpoint
from stubs.kit import host
from stubs.kit.world import Subscriber, read_subscribers

Make = Callable[[Codec, object, Callable[[], str]], Endpoint]


class _Desk:
    """Stands for the handler that an endpoint is lent to."""

    def __init__(self, handler: object, reference: Callable[[], str]) -> None:
        self.handler = handler
        self.reference = reference

    def __getattr__(self, operation: str) -> Callable[[Any, Any], Any]:
        getattr(self.handler, operation)  # a missing operation is an error when the endpoint is made, as always

        def handle(request: Any, exchange: Any) -> Any:
            return getattr(self.handler, operation)(request, exchange)

        return handle


class Workshop:
    """Contracts and endpoints."""

    def __init__(self) -> None:
        self._codecs: dict[Path, Codec] = {}
        self._made: defaultdict[tuple[str, int], list[tuple[Endpoint, _Desk]]] = defaultdict(list)
        self._lent: defaultdict[tuple[str, int], int] = defaultdict(int)

    def codec(self, wsdl: Path) -> Codec:
        """Give a contract."""
        if wsdl not in self._codecs:
            self._codecs[wsdl] = read_codec(wsdl)
        return self._codecs[wsdl]

    def gateway_endpoint(self, codec: Codec, handler: object, reference: Callable[[], str]) -> Endpoint:
        """Lend an endpoint of a gateway."""
        return self._lend("gateway", make_endpoint, codec, handler, reference)

    def stub_endpoint(self, codec: Codec, handler: object, reference: Callable[[], str]) -> Endpoint:
        """Lend an endpoint of a stub."""
        return self._lend("stub", host.make_endpoint, codec, handler, reference)

    def take_back(self) -> None:
        """Take back every endpoint: whoever had one is gone."""
        self._lent.clear()

    @functools.cache  # noqa: B019  a workshop lasts as long as its process
    def subscribers(self, file: Path) -> Mapping[str, Subscriber]:
        """Give the users of the stubs."""
        return read_subscribers(file)

    def _lend(self, kind: str, make: Make, codec: Codec, handler: object, reference: Callable[[], str]) -> Endpoint:
        key = kind, id(codec)
        made, count = self._made[key], self._lent[key]
        self._lent[key] += 1
        if count == len(made):
            desk = _Desk(handler, reference)
            made.append((make(codec, desk, lambda: desk.reference()), desk))
            return made[-1][0]
        endpoint, desk = made[count]
        desk.handler, desk.reference = handler, reference
        return endpoint
