"""Routes of the admin API that change how a set behaves: modes and gateway, acts of users and clerks, reset."""

from __future__ import annotations

from collections.abc import Awaitable
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
    Schema,
    listed,
    record,
)  # fmt: skip
from stubs.kit.errors import ActError
from stubs.kit.magic import Behaviour
from stubs.kit.settings import is_base_url

_SETTINGS = record(
    {"name": TEXT, "province": TEXT, "port": WHOLE, "roles": listed(TEXT), "gateway": MAYBE_TEXT}, more=TEXT
)
_CHANGES: Schema = {
    "type": "object",
    "properties": {"gateway": {**MAYBE_TEXT, "description": "Where callbacks and orders go, such as http://127.0.0.1:7001."}},
    "additionalProperties": {
        **MAYBE_TEXT, "description": "A mode by ROLE.mode or ROLE.OPERATION.mode; null gives the operation back to its role.",
    },
}  # fmt: skip


def routes(running: Running) -> list[Route]:
    """Give the routes of a set."""
    does = _Does(running)
    return [
        Route("GET", "settings", "Name, port and roles of the set, its gateway, and the mode of each role.", does.told, _SETTINGS),
        Route("POST", "settings", "Change modes and gateway: all that the body names, or nothing.", does.change, _SETTINGS, _CHANGES),
        Route(
            "POST", "act/{role}/{act}", "Do what a user or clerk does at a partner, such as portal/order.", does.act,
            ANYTHING, ANYTHING,
            names={"role": "Role, such as portal.", "act": "Act of the role, such as order."},
        ),
        Route("POST", "reset", "Forget everything; modes are final again.", does.reset, record({"reset": TRUTH}), record({}, more=True)),
    ]  # fmt: skip


class _Does:
    def __init__(self, running: Running) -> None:
        self._running = running

    def told(self, asked: Asked) -> Answer:
        running = self._running
        set_modes = {f"{name}.mode": mode for name, mode in running.stage.modes.items()}
        modes = {f"{name}.mode": Behaviour.FINAL for name in running.roles} | set_modes
        return {
            "name": running.settings.name,
            "province": running.settings.province,
            "port": running.port,
            "roles": list(running.roles),
            "gateway": running.gateway,
            **modes,
        }

    def change(self, asked: Asked) -> Answer:
        """Change everything that the body names, or nothing if any of it is wrong."""
        running = self._running
        modes = {f"{name}.mode": role for name, role in running.roles.items()}
        of_operations = {f"{r.name}.{op}.mode": r for r in modes.values() for op in r.codec.contract.operations}
        for name, value in asked.body.items():
            if name == "gateway":
                if value is not None and not is_base_url(value):
                    raise ActError(400, "gateway: expected an address such as http://127.0.0.1:7001, or null")
                continue
            role = modes.get(name) or of_operations.get(name)
            if role is None:
                there = f"gateway, {', '.join(modes)}, and the like of {next(iter(of_operations))}"
                raise ActError(400, f"{name} cannot be set; there are {there}")
            if value is None and name in of_operations:
                continue
            if not isinstance(value, str) or value not in role.behaviours:
                raise ActError(400, f"{name}: expected one of {', '.join(sorted(role.behaviours))}")
        for name, value in asked.body.items():
            self._change(name, value)
        return self.told(asked)

    def act(self, asked: Asked) -> Awaitable[Answer]:
        wanted = asked.path["role"], asked.path["act"]
        played = self._running.roles.values()
        acts = {(one.name, name): do for one in played for name, do in one.acts().items()}
        if wanted not in acts:
            known = ", ".join(f"{role}/{act}" for role, act in acts) or "none"
            raise ActError(404, f"no such act in this set; there are: {known}")
        return acts[wanted](asked.body)

    def reset(self, asked: Asked) -> Answer:
        self._running.stage.reset()
        return {"reset": True}

    def _change(self, name: str, value: Any) -> None:
        modes, of_what = self._running.stage.modes, name.removesuffix(".mode")
        if name == "gateway":
            self._running.gateway = value
        elif value is None:  # the operation is answered in the mode of its role again
            modes.pop(of_what, None)
        else:
            modes[of_what] = Behaviour(value)
