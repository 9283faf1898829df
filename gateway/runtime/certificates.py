"""Certificates while a gateway runs: changed files are taken up, bad ones are told and left, and the end of each is foretold.

Also counts whom TLS has refused, so that a flood of them fills no log. Must not know what is served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from gateway.engine.wiring import Events
from gateway.soap.tls_files import Followed, TlsUnusable, expiry

LOOK: Final = 10.0
"""Seconds between two looks at the files."""
_DAY: Final = timedelta(days=1)


class Refusals:
    """Tells the first refusal of each reason at once, and of further ones how many there were."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._further: dict[str, int] = {}

    def note(self, address: str, reason: str) -> None:
        """Tell or count one; `reason` is a name of OpenSSL's, so there are not many."""
        if reason in self._further:
            self._further[reason] += 1
        else:
            self._further[reason] = 0
            self._events("tls.refused", address=address, reason=reason, clients=1)

    def tell(self) -> None:
        """Tell what was counted, and begin anew."""
        further, self._further = self._further, {}
        for reason, clients in further.items():
            if clients:
                self._events("tls.refused", reason=reason, clients=clients)


class Certificates:
    """Watches what is made of files, by its use, and the certificates that are ours."""

    def __init__(
        self, *, reactor: Any, now: Callable[[], datetime], events: Events, followed: Mapping[str, Followed[Any]], own: Iterable[Path],
        warn: timedelta, refusals: Refusals,
    ) -> None:  # fmt: skip
        """Raises TlsUnusable where a certificate of ours cannot be read."""
        self._reactor = reactor
        self._now = now
        self._events = events
        self._followed = followed
        self._ends = {file: expiry(file) for file in own}
        self._warn = warn
        self._refusals = refusals
        self._warned: datetime | None = None
        self._looks = 0
        self._timer: Any = None

    def start(self) -> None:
        """Look now and every LOOK seconds from then on."""
        self._timer = self._reactor.callLater(LOOK, self.start)
        self._renew()
        self._foretell()
        self._looks += 1
        if self._looks % 6 == 0:
            self._refusals.tell()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._refusals.tell()

    def _renew(self) -> None:
        for name, each in self._followed.items():
            try:
                if not each.renew():
                    continue
                for file in self._ends.keys() & set(each.files):
                    self._ends[file] = expiry(file)
            except TlsUnusable as error:
                self._events("certificate.refused", use=name, error=str(error))
            else:
                self._events("certificate.renewed", use=name)
                self._warned = None

    def _foretell(self) -> None:
        """Warn of what ends soon, once a day."""
        now = self._now()
        if self._warned is not None and now < self._warned + _DAY:
            return
        self._warned = now
        for file, end in self._ends.items():
            if end - now < self._warn:
                self._events("certificate.expires", file=str(file), at=end.astimezone(UTC).isoformat(), days=(end - now) // _DAY)
