"""Routes of the admin API that tell what happened and what the set holds: journal, ledgers, world, catalogue; changes nothing."""

from __future__ import annotations

from typing import Any

from stubs.kit.admin_route import (
    ANYTHING,
    MAYBE_TEXT,
    TEXT,
    TRUTH,
    WHOLE,
    Answer,
    Asked,
    Route,
    Running,
    listed,
    record,
)  # fmt: skip
from stubs.kit.catalogue import Catalogue
from stubs.kit.errors import ActError
from stubs.kit.services import Services
from stubs.kit.times import iso
from stubs.kit.world import LEDGERS

ENTRY = record(
    {
        "seq": WHOLE, "at": TEXT, "role": TEXT, "operation": TEXT, "direction": {"enum": ["in", "out", "user"]},
        "fields": ANYTHING, "trace": MAYBE_TEXT, "answer": {"type": ["object", "null"]},
    },
    {
        "faults": {**listed(TEXT), "description": "Names of the faults that met it."},
        "mapping": {**TEXT, "description": "Id of the mapping that answered."},
    },
)  # fmt: skip
"""One message of the journal."""
_ROW = {"at": TEXT, "number": TEXT, "order": MAYBE_TEXT, "streaming_no": TEXT}
_SERVICE = record({"number": TEXT, "product": TEXT, "since": TEXT, "role": TEXT, "suspended": TRUTH})
_USER = record({"role": TEXT, "number": TEXT, "state": TEXT, "pay": TEXT})


def routes(running: Running) -> list[Route]:
    """Give the routes of a set."""
    reads = _Reads(running)
    return [
        Route(
            "GET", "journal", "Messages that came and went, and what users did, oldest first.", reads.journal,
            record({"entries": listed(ENTRY)}),
            query={
                "role": "Role that received or sent it, such as xplatform.", "operation": "Operation, such as serverAction.",
                "trace": "TraceId of the Routing header.", "streaming_no": "StreamingNo, or AuthStreamingNo.",
                "order": "OrderId; a receipt names it as OrigOrderId.",
            },
        ),
        Route(
            "GET", "ledger/{name}", "Rows of one ledger, oldest first: each is something that was done once.", reads.ledger,
            record({"rows": listed(record(_ROW, more=True))}),
            query={"number": "Number of the user; a country code does not matter.", "order": "OrderId."},
            names={"name": f"One of {', '.join(LEDGERS)}."},
        ),
        Route(
            "GET", "ledgers", "Rows of all ledgers as they came, each with its ledger's name.", reads.ledgers,
            record({"rows": listed(record({"ledger": TEXT, **_ROW}, more=True))}),
            query={"after": "How many rows are known already: these are left out."},
        ),
        Route(
            "GET", "world", "Active services, and users as the platforms know them.", reads.world,
            record({"active": listed(_SERVICE), "users": listed(_USER)}),
        ),
        Route(
            "GET", "catalogue", "Products and offers as each role knows them.", reads.catalogue,
            record({"objects": listed(ANYTHING)}),
            query={"role": "Role that keeps them.", "object": "Id of a product or offer."},
        ),
    ]  # fmt: skip


class _Reads:
    def __init__(self, running: Running) -> None:
        self._running = running

    def journal(self, asked: Asked) -> Answer:
        role, known = asked.query.get("role"), self._running.roles
        if role is not None and role not in known:
            raise ActError(400, f"role: no role {role}; there are {', '.join(known)}")
        return {"entries": [entry.as_json() for entry in self._running.stage.journal.find(**asked.query)]}

    def ledger(self, asked: Asked) -> Answer:
        name = asked.path["name"]
        if name not in LEDGERS:
            raise ActError(404, f"no such ledger; there are {', '.join(LEDGERS)}")
        return {"rows": [row.as_json() for row in self._running.stage.world.ledger(name, **asked.query)]}

    def ledgers(self, asked: Asked) -> Answer:
        after = asked.query.get("after", "0")
        if not (after.isascii() and after.isdigit()):
            raise ActError(400, "after: expected how many rows are known already")
        rows = self._running.stage.world.ledgers(int(after))
        return {"rows": [{"ledger": name, **row.as_json()} for name, row in rows]}

    def world(self, asked: Asked) -> Answer:
        return _world(self._running.stage.world.services)

    def catalogue(self, asked: Asked) -> Answer:
        kept = self._running.stage.world.keep(Catalogue)
        return {"objects": kept.find(asked.query.get("role"), asked.query.get("object"))}


def _world(services: Services) -> dict[str, Any]:
    active = [
        {
            "number": service.number,
            "product": service.product,
            "since": iso(service.since),
            "role": service.role,
            "suspended": services.is_suspended(service),
        }
        for service in sorted(services.active.values(), key=lambda one: (one.number, one.product, one.role))
    ]
    users = [
        {"role": role, "number": number, "state": user.state, "pay": user.pay}
        for (role, number), user in sorted(services.users.items())
    ]
    return {"active": active, "users": users}
