"""Counts how many connections each partner holds. One counts for whose message it brought last; knows no socket and no message.

Each process counts for itself and has its share of the quota, as in quota.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.access.partner import Mode, Partner
from gateway.access.quota import Above
from gateway.errors import OVER_CONNECTIONS

if TYPE_CHECKING:
    from gateway.soap.http_message import Line

WAIT: Final = 5
"""Seconds told to who has too many: as long as a busy gateway tells."""


class Lines:
    """The connections of all partners that have a quota of them."""

    def __init__(self, share: float = 1.0) -> None:
        """`share` is the part of each quota that this process may use, of (0, 1]."""
        self._share = share
        self._holders: dict[Line, str] = {}
        self._held: dict[str, int] = {}

    def count(self, partner: Partner, line: Line | None) -> Above | None:
        """Count the connection of a message; gives the quota that it is above. One that is refused is closed after its answer."""
        quota = partner.connections
        if quota is None or line is None or self._holders.get(line) == partner.name:
            return None
        above = None
        if self.held(partner.name) >= max(1, int(quota.most * self._share)):
            above = Above(OVER_CONNECTIONS, quota.mode is Mode.ENFORCE, WAIT)
        if above is not None and above.refused:
            line.closing = True
            return above
        self._release(line)
        self._holders[line] = partner.name
        self._held[partner.name] = self.held(partner.name) + 1
        line.ended = partial(self._release, line)
        return above

    def held(self, partner: str) -> int:
        """Give how many connections a partner has here; of those without a quota, none are counted."""
        return self._held.get(partner, 0)

    def _release(self, line: Line) -> None:
        holder = self._holders.pop(line, None)
        if holder is not None:
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]
