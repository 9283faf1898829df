"""A province with an admin API whose platform is away: for tests of the fall-out desk."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import msgspec
from playbook import order
from rig import Rig, run
from twisted.web.test.requesthelper import DummyRequest

from gateway.admin.api import AdminApi
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.routing import Place, Tier
from gateway.engine.ports import RunState
from gateway.engine.wiring import Patience
from gateway.errors import Temporary
from gateway.services.desk import Desk

AWAY = Temporary("xplatform:303", "serverAction: HTTP 503")
USERS = [f"1890791{n:04d}" for n in range(1, 5)]


class Counter:
    """A province with an admin API whose platform is away."""

    def __init__(self, **wiring) -> None:
        self.rig = Rig(patience=Patience(1), **wiring)
        self.rig.store = wiring.get("store", self.rig.store)
        self.events = []
        self.desk = Desk(
            here=Place(Tier.PROVINCE, "15"), plan=NumberPlan(), store=self.rig.store, engine=self.rig.engine, clock=self.rig.clock,
            events=lambda event, /, **fields: self.events.append(event), knows=lambda address: True, channels=frozenset(),
            line=lambda address, contract: None, partners=(), random_code=lambda: "482913",
        )  # fmt: skip
        self.api = AdminApi(self.desk, "t", dict)

    def ask(self, method, path, value=None):
        """Give status and answer."""
        request = DummyRequest([])
        path, _, query = path.partition("?")
        request.method, request.path, request._disconnected = method.encode(), f"/v1/{path}".encode(), False
        request.uri = f"/v1/{path}{'?' if query else ''}{query}".encode()
        request.content = io.BytesIO(msgspec.json.encode(value))
        request.requestHeaders.addRawHeader(b"authorization", b"Bearer t")
        self.api.render(request)
        assert request.finished == 1
        return request.responseCode, json.loads(b"".join(request.written))

    def act(self, name, act, **more):
        """Do something to an order."""
        return self.ask("POST", f"fallout/{name}", {"act": act, "who": "li", **more})

    def park(self, *, step="activate", failure=AWAY, **more):
        """Place an order whose step fails once too often; gives it."""
        count = len(run(self.rig.store.parked_runs(99)))
        fields = {"id": f"20015{count}", "streaming_no": f"211{count}", "channel_order_id": f"W{count}", "number": Number(USERS[count])}
        placed = replace(order(), **{**fields, **more})
        self.rig.partners.answer(step, failure)
        self.rig.place(placed)
        self.rig.clock.advance(1)
        assert self.rig.row(placed).state is RunState.STUCK
        return placed

    def left(self):
        """Give the ids of what is parked."""
        return [row["order"] for row in self.ask("GET", "fallout")[1]]
