"""The rows and reads of who may call: used credentials, and what was changed about partners while the gateway ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.engine.ports import DuplicateRequest, PartnerChanged, TokensForgotten, TokensKept, TokenUsed
from gateway.store.sql_asking import Asking
from gateway.store.sql_rows import Call, Kinds, Statement
from gateway.store.times import micros, moment

USE_TOKEN = Statement("INSERT INTO used_tokens (until, mark) VALUES (?, ?)", taken=DuplicateRequest)
KEEP_TOKEN = Statement("INSERT INTO used_tokens (until, mark) VALUES (?, ?) ON CONFLICT (until, mark) DO NOTHING")
FORGET_TOKENS = Statement("DELETE FROM used_tokens WHERE until < ?")
CHANGE_PARTNER = Statement(
    "INSERT INTO partner_changes (partner, what, value) VALUES (?, ?, ?)"
    " ON CONFLICT (partner, what) DO UPDATE SET value = excluded.value"
)
FORGET_CHANGE = Statement("DELETE FROM partner_changes WHERE partner = ? AND what = ?")


class AccessRows:
    """Maps these rows."""

    @property
    def kinds(self) -> Kinds:
        """How to write each kind of row of this subject."""
        return {
            TokenUsed: self._token_used,
            TokensKept: self._tokens_kept,
            TokensForgotten: self._tokens_forgotten,
            PartnerChanged: self._partner_changed,
        }

    def _token_used(self, row: TokenUsed) -> Iterator[Call]:
        yield USE_TOKEN, (micros(row.until), row.mark)

    def _tokens_kept(self, row: TokensKept) -> Iterator[Call]:
        for mark, until in row.marks:
            yield KEEP_TOKEN, (int(until * 1e6), mark)

    def _tokens_forgotten(self, row: TokensForgotten) -> Iterator[Call]:
        yield FORGET_TOKENS, (micros(row.before),)

    def _partner_changed(self, row: PartnerChanged) -> Iterator[Call]:
        if row.value:
            yield CHANGE_PARTNER, (row.partner, row.what, row.value)
        else:
            yield FORGET_CHANGE, (row.partner, row.what)


class AccessReads(Asking):
    """The port's reads of this subject."""

    async def used_tokens(self, now: datetime) -> list[TokenUsed]:
        rows = self._all("SELECT mark, until FROM used_tokens WHERE until >= ? ORDER BY until, mark", micros(now))
        return [TokenUsed(mark, moment(until)) for mark, until in rows]

    async def partner_changes(self) -> list[PartnerChanged]:
        rows = self._all("SELECT partner, what, value FROM partner_changes ORDER BY partner, what")
        return [PartnerChanged(partner, what, value) for partner, what, value in rows]
