"""Who is logged in, and how wrong logins are slowed; all in memory: who restarts the console logs everybody out. Knows no HTTP."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

IDLE = timedelta(minutes=30)
"""A session ends so long after its last page that a person asked for; a page that refreshes itself keeps none alive."""
WHOLE = timedelta(hours=12)
"""And so long after its login: a shift."""
MOST = 1000
"""Sessions at once: the oldest gives way."""
LONGEST_PAUSE = timedelta(seconds=60)
FREE = 2
"""Wrong logins under a name before pauses begin: a slip of the finger costs nobody his minute."""
ANYBODY = ""
"""Stands for all names together: who tries one password on many names is slowed too."""
FREE_OF_ANYBODY = 20


@dataclass(slots=True)
class Session:
    """One login."""

    who: str
    csrf: str
    since: datetime
    seen: datetime

    def owns(self, token: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(token.encode(), self.csrf.encode())


class Sessions:
    """The logins that hold, by the token in their cookie."""

    def __init__(self, now: Callable[[], datetime], token: Callable[[], str]) -> None:
        self._now = now
        self._token = token
        self._all: dict[str, Session] = {}

    def begin(self, who: str) -> tuple[str, Session]:
        """Log somebody in; gives the token of his cookie."""
        now = self._now()
        self._all = {token: session for token, session in self._all.items() if not self._over(session, now)}
        while len(self._all) >= MOST:
            del self._all[next(iter(self._all))]
        token, session = self._token(), Session(who, self._token(), now, now)
        self._all[token] = session
        return token, session

    def find(self, token: str, *, by_person: bool = True) -> Session | None:
        """Give the session of a cookie, unless it is over."""
        session, now = self._all.get(token), self._now()
        if session is None or self._over(session, now):
            self._all.pop(token, None)
            return None
        if by_person:
            session.seen = now
        return session

    def end(self, token: str) -> None:
        """Log out."""
        self._all.pop(token, None)

    def _over(self, session: Session, now: datetime) -> bool:
        return now - session.seen > IDLE or now - session.since > WHOLE


class Pauses:
    """After wrong logins: 1, 2, 4 ... 60 seconds in which no further one is looked at, by name and for all names together."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._wrong: dict[str, tuple[int, datetime]] = {}

    def left(self, name: str) -> int:
        """Give the seconds until a login under this name is looked at again; 0: now."""
        now = self._now()
        ends = [self._until(of, free, now) for of, free in ((name, FREE), (ANYBODY, FREE_OF_ANYBODY))]
        return max(0, *(ceil((end - now).total_seconds()) for end in ends))

    def wrong(self, name: str) -> None:
        """Count a wrong login."""
        now = self._now()
        if len(self._wrong) >= MOST:
            self._wrong = {of: kept for of, kept in self._wrong.items() if now - kept[1] < LONGEST_PAUSE}
        for of in (name, ANYBODY):
            count, last = self._wrong.get(of, (0, now))
            self._wrong[of] = (1 if now - last > 2 * LONGEST_PAUSE else count + 1, now)

    def right(self, name: str) -> None:
        """Forget the wrong ones of a name."""
        self._wrong.pop(name, None)

    def _until(self, of: str, free: int, now: datetime) -> datetime:
        count, last = self._wrong.get(of, (0, now))
        if count <= free:
            return now
        return last + min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(count - free - 1, 10)))
