"""The capture in the admin API: shown, started and stopped, with who and why in the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

import msgspec

from gateway.admin.problems import Problem, decode
from gateway.capture.capture import Capture, Shown
from gateway.capture.recording import Choice
from gateway.domain.numbers import Number
from gateway.engine.ports import AuditKept
from gateway.services.desk import Desk

Resource = Callable[[str, bytes], Awaitable[object]]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Names = Annotated[list[Name], msgspec.Meta(max_length=100)]


class CaptureAct(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/capture; what is not named stays as it is configured."""

    act: Literal["start", "stop"]
    who: Name
    why: Reason
    contracts: Names = []
    partners: Names = []
    numbers: Names = []
    """Subscribers; only exchanges about them are recorded."""


def resources(capture: Capture | None, usual: Choice, desk: Desk) -> Mapping[tuple[str, str], Resource]:
    """Give the resources by method and first part of the path; `usual` is what is recorded where nothing is chosen."""

    async def show(name: str, query: bytes) -> Shown:
        return _there(capture).show()

    async def act(name: str, body: bytes) -> Shown:
        wanted, there = decode(body, CaptureAct), _there(capture)
        choice = Choice(
            frozenset(wanted.contracts) or usual.contracts, frozenset(wanted.partners) or usual.partners,
            frozenset(_number(each) for each in wanted.numbers),
        )  # fmt: skip
        if there.running == (wanted.act == "start"):
            raise Problem(409, f"a capture {'runs already' if there.running else 'does not run'}")
        # First the audit log: what it cannot hold is not done.
        told = f"{len(choice.contracts)} contracts, {len(choice.partners)} partners, {len(choice.numbers)} numbers chosen (0: all)"
        outcome = told if wanted.act == "start" else there.show().file
        await desk.store.commit([AuditKept(desk.clock.now(), wanted.who, f"capture.{wanted.act}", "capture", wanted.why, outcome)])
        if wanted.act == "stop":
            there.stop()
            return there.show()
        try:
            there.start(choice)
        except ValueError as error:  # the key, or another act came first
            raise Problem(409, str(error)) from None
        except OSError as error:
            raise Problem(409, f"the file cannot be made: {error.strerror}") from None
        return there.show()

    return {("GET", "capture"): show, ("POST", "capture"): act}


def _there(capture: Capture | None) -> Capture:
    if capture is None:
        raise Problem(404, "this gateway has no capture")
    return capture


def _number(text: str) -> str:
    try:
        return Number.parse(text).digits
    except ValueError:
        raise Problem(400, "not a subscriber number") from None
