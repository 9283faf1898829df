"""Routes of the admin API that take and restore a snapshot of all that a set holds."""

from __future__ import annotations

from stubs.kit.admin_route import ANYTHING, TEXT, TRUTH, WHOLE, Answer, Asked, Route, Running, Schema, record
from stubs.kit.errors import ActError
from stubs.kit.portable import NotReadable
from stubs.kit.snapshot import restore, snapshot

SNAPSHOT: Schema = record({"format": TEXT, "version": WHOLE, "state": ANYTHING, "stores": ANYTHING})
RESTORE_PATH = "restore"
MOST_BYTES = 128 << 20
"""Of a document that is restored: a full journal is 20 MB, ledgers of a long day are more."""


def routes(running: Running) -> list[Route]:
    """Give the routes of a set."""

    def take(asked: Asked) -> Answer:
        return snapshot(running.stage)

    def put_back(asked: Asked) -> Answer:
        try:
            restore(running.stage, asked.body)
        except NotReadable as wrong:
            raise ActError(400, f"the snapshot cannot be restored: {wrong}") from None
        return {"restored": True}

    return [
        Route(
            "POST", "snapshot", "All that the set holds as one document: users, catalogue, services, ledgers, journal, modes.", take,
            SNAPSHOT, record({}),
        ),
        Route("POST", RESTORE_PATH, "Put a snapshot in place of all that the set holds.", put_back, record({"restored": TRUTH}), SNAPSHOT),
    ]  # fmt: skip
