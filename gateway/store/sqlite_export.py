"""Archived orders of a database file as lines of JSON, for an archive outside of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.store.sqlite_backup import reading
from gateway.store.times import micros, moment

_ROWS = (
    "SELECT id, trace_id, number, channel, channel_order_id, section, state, code, accepted_at, run_ended_at, doc, run"
    " FROM archived_orders WHERE run_ended_at < ? ORDER BY run_ended_at, rowid"
)


def archived_lines(path: Path, before: datetime) -> Iterator[str]:
    """Give one JSON object for each archived order that ended before a time, the longest ended first; raises StoreUnusable.

    `order` and `run` are the stored documents; gateway/store/documents.py and archive_documents.py describe them.
    """
    with reading(path) as connection:
        for (*texts, code, accepted_at, ended_at, doc, run) in connection.execute(_ROWS, (micros(before),)):
            named = dict(zip(("id", "trace_id", "number", "channel", "channel_order_id", "section", "state"), texts, strict=True))
            times = {"accepted_at": moment(accepted_at).isoformat(), "ended_at": moment(ended_at).isoformat()}
            row = {**named, "code": code, **times, "order": json.loads(doc), "run": json.loads(run)}
            yield json.dumps(row, ensure_ascii=False, separators=(",", ":"))
