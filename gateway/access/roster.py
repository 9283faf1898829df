"""The partners as they are now: the file, and over it what people changed while the gateway ran, which the store keeps.

A file with a mistake never replaces a good one. Each process looks every two seconds for what another has changed, so that all workers
of one database agree within that time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from gateway.access.changes import Rotation, Value, laid_over, written
from gateway.access.guard import Gatekeeper
from gateway.access.kinds import Kinds
from gateway.access.partner import Kind, Partners, State
from gateway.access.reading import read_partners, read_password
from gateway.access.refusals import GATEWAY
from gateway.config.sources import ConfigMistakes
from gateway.engine.ports import AuditKept, Clock, PartnerChanged, Spawn, Store, StoreFailed
from gateway.engine.wiring import Events

EVERY: Final = 2.0
"""Seconds between two looks for what another process has changed."""
RELOAD: Final = "partners.reload"
FILE: Final = "partners"
"""What a reload is done to, in the audit log."""


class Roster:
    """Reads, changes and gives the partners to the guard."""

    def __init__(
        self, path: Path, placeholders: Mapping[str, str], kinds: Kinds, guard: Gatekeeper, store: Store, clock: Clock, spawn: Spawn,
        events: Events,
    ) -> None:  # fmt: skip
        """Read the file; raises ConfigMistakes."""
        self._path = path
        self._placeholders = placeholders
        self._kinds = frozenset({Kind.NONE, Kind.USERNAME_TOKEN, *kinds})
        self._guard = guard
        self._store = store
        self._clock = clock
        self._spawn = spawn
        self._events = events
        self._passwords: dict[Path, bytes] = {}
        self._isolated = frozenset[str]()
        """Parties that are not to be called."""
        self._file = guard.partners = self._read()
        self._changes: Sequence[PartnerChanged] = ()
        self._told: set[PartnerChanged] = set()
        self._cancel: Callable[[], None] | None = None

    @property
    def partners(self) -> Partners:
        """All partners as they are now."""
        return self._guard.partners

    def changed(self, name: str) -> Mapping[str, str]:
        """Give what was changed about a partner, as JSON by what it is."""
        return {change.what: change.value for change in self._changes if change.partner == name}

    def isolates(self, party: str) -> bool:
        """Whether a party, such as xplatform:303, is not to be called."""
        return party in self._isolated

    async def load(self) -> None:
        """Lay over the file what the store has, and go on looking; raises StoreFailed."""
        self._changes = await self._store.partner_changes()
        self._apply()
        self._cancel = self._clock.call_later(EVERY, lambda: self._spawn(self._look()))

    def stop(self) -> None:
        """Look for nothing any more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def reload(self) -> tuple[str, ...]:
        """Read the file again; gives its mistakes, and then everything stays as it is. What came of it is audited."""
        mistakes: tuple[str, ...] = ()
        try:
            self._file = self._read()
            self._passwords.clear()
            self._apply()
        except ConfigMistakes as found:
            mistakes = tuple(map(str, found.mistakes))
        outcome = f"refused, {len(mistakes)} mistakes: {mistakes[0]}"[:500] if mistakes else f"{len(self._file.all)} partners"
        self._events("partners.refused" if mistakes else "partners.reloaded", outcome=outcome)
        self._spawn(self._audit(AuditKept(self._clock.now(), GATEWAY, RELOAD, FILE, "SIGHUP", outcome)))
        return mistakes

    async def change(self, name: str, values: Mapping[str, Value], act: str, who: str, why: str) -> None:
        """Change a partner and audit it, in one commit; raises StoreFailed, or Unfit for a password that cannot be read here."""
        for value in values.values():
            if isinstance(value, Rotation):
                self._passwords.pop(Path(value.file), None)  # another one may stand there by now
                self._password(Path(value.file))
        rows = [PartnerChanged(name, what, written(value)) for what, value in values.items()]
        await self._commit(rows, name, act, who, why)

    async def reset(self, name: str, who: str, why: str) -> None:
        """Have the file's word on a partner hold again; raises StoreFailed."""
        await self._commit([PartnerChanged(name, what, "") for what in self.changed(name)], name, "reset", who, why)

    async def _commit(self, rows: Sequence[PartnerChanged], name: str, act: str, who: str, why: str) -> None:
        told = ", ".join(f"{row.what} {row.value or 'taken back'}" for row in rows)
        await self._store.commit([*rows, AuditKept(self._clock.now(), who, f"partner.{act}", name, why, told)])
        await self._fetch()

    async def _look(self) -> None:
        self._cancel = None
        try:
            await self._fetch()
        except StoreFailed as failure:  # what is known holds until the store answers again
            self._events("store.failed", error=failure)
        finally:
            self._cancel = self._clock.call_later(EVERY, lambda: self._spawn(self._look()))

    async def _fetch(self) -> None:
        changes = await self._store.partner_changes()
        if changes != self._changes or any(change.what == "password" for change in changes):  # a former password may have ended
            self._changes = changes
            self._apply()

    async def _audit(self, row: AuditKept) -> None:
        try:
            await self._store.commit([row])
        except StoreFailed as failure:
            self._events("store.failed", error=failure)

    def _read(self) -> Partners:
        return read_partners(self._path, self._placeholders, self._kinds)

    def _apply(self) -> None:
        self._guard.partners = laid_over(
            self._file, self._changes, self._clock.now(), self._password, self._failed
        )
        alone = [partner.calls for partner in self.partners.all.values() if partner.state is State.ISOLATED]
        self._isolated = frozenset[str]().union(*alone)

    def _password(self, file: Path) -> bytes:
        """Give the password of a file, which is read once: if it is gone later, the partner still has it."""
        known = self._passwords.get(file)
        if known is None:
            known = self._passwords[file] = read_password(self._path.parent / file)
        return known

    def _failed(self, change: PartnerChanged, problem: str) -> None:
        """Tell once of a change that cannot be had here, such as a password whose file is on another machine."""
        if change not in self._told:
            self._told.add(change)
            self._events("partner.unchanged", partner=change.partner, what=change.what, reason=problem)
