"""Versioned JSON of an archived run: its journal and its signals in one text. Knows no table and no database.

The rules are those of documents.py. SQL composes the text, out of the texts that the tables hold: archiving decodes nothing. Times are
microseconds since 1970.
"""

from __future__ import annotations

import msgspec

from gateway.domain.facts import Matter
from gateway.engine.ports import RunRow, RunState, StepRow
from gateway.store.documents import ReplyV1
from gateway.store.errors import StoreFailed
from gateway.store.times import moment


class ArchivedStep(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A step of an archived run; part of ArchivedRunV1."""

    name: str
    number: str
    returns: str
    party: str
    operation: str
    streaming_no: str
    started_at: int
    ended_at: int | None
    attempts: int
    reply: ReplyV1 | None


class ArchivedSignal(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What arrived for a step, even where nobody waited for it any more; part of ArchivedRunV1."""

    step: str
    reply: ReplyV1


class ArchivedRunV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """A run that has ended, version 1."""

    flow: str
    serial: int
    code: int
    attempts: int
    note: str
    started_at: int
    ended_at: int
    owner: str
    fence: int
    steps: tuple[ArchivedStep, ...]
    signals: tuple[ArchivedSignal, ...]


_RUN = msgspec.json.Decoder(ArchivedRunV1)


def read_archived_run(run_id: str, matter: Matter, text: str) -> RunRow:
    """Read a run of `matter`; raises StoreFailed for what this version of the program cannot read."""
    try:
        run = _RUN.decode(text)
    except msgspec.DecodeError as error:
        raise StoreFailed("a stored document cannot be read") from error
    steps = tuple(
        StepRow(
            step.name, step.number, step.returns, step.party, step.operation, step.streaming_no, moment(step.started_at),
            step.attempts, None if step.reply is None else step.reply.reply,
        )
        for step in run.steps
    )  # fmt: skip
    return RunRow(
        run_id, run.flow, run.serial, matter, RunState.ENDED, run.code, run.attempts, None, run.note, steps, run.owner, run.fence
    )
