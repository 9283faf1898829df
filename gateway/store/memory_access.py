"""Used credentials and changes of partners, in memory."""

from __future__ import annotations

from gateway.engine.ports import DuplicateRequest, PartnerChanged, TokensForgotten, TokensKept, TokenUsed
from gateway.store.memory_changes import MemoryChanges
from gateway.store.times import micros, moment, shanghai


class MemoryAccess(MemoryChanges):
    """The rows of who may call."""

    def _token_used(self, row: TokenUsed) -> None:
        key = micros(row.until), row.mark
        if key in self._tokens:
            raise DuplicateRequest
        self._put(self._tokens, key, TokenUsed(row.mark, shanghai(row.until)))

    def _tokens_kept(self, row: TokensKept) -> None:
        for mark, until in row.marks:
            key = int(until * 1e6), mark
            self._put(self._tokens, key, TokenUsed(mark, moment(key[0])))

    def _tokens_forgotten(self, row: TokensForgotten) -> None:
        for key in [key for key in self._tokens if moment(key[0]) < row.before]:
            self._drop(self._tokens, key)

    def _partner_changed(self, row: PartnerChanged) -> None:
        key = row.partner, row.what
        if row.value:
            self._put(self._partner_changes, key, row)
        else:
            self._drop(self._partner_changes, key)
