"""Five bugs that such gateways have had, each made on purpose: the simulation must find every one of them."""

from __future__ import annotations

from collections.abc import Callable

from gateway.domain.facts import RelationEnded
from gateway.domain.order import Action
from gateway.engine import engine
from gateway.engine.ports import DuplicateRequest, ItemLocked
from gateway.errors import RESULTS, Temporary
from gateway.flows import registry
from gateway.partners import directory, messages
from gateway.runtime.spawning import spawn
from gateway.steps import keep
from gateway.store.memory import MemoryStore


def commit_after_answer(monkeypatch) -> None:
    """The caller is told "accepted" before the order is stored."""
    start = engine.Engine.start

    async def store(self, *arguments):
        try:
            await start(self, *arguments)
        except (DuplicateRequest, ItemLocked):
            return  # there is nobody left to tell

    async def answer_first(self, *arguments):
        spawn(store(self, *arguments))

    monkeypatch.setattr(engine.Engine, "start", answer_first)


def void_before_confirm(monkeypatch) -> None:
    """A relation ends when it is asked for, not when its platform has ended it."""
    flow = registry.FLOWS["order-x/1"]

    def void_first(order):
        steps = flow(order)
        step = next(steps)
        try:
            while True:
                if step.name == "activate" and order.action is Action.UNSUBSCRIBE:
                    ends = [RelationEnded(order.number, item.product_id, order.accepted_at) for item in order.items]
                    yield from keep("", "void", *ends)
                reply = yield step
                step = steps.send(reply)
        except StopIteration as end:
            return end.value

    monkeypatch.setitem(registry.FLOWS, "order-x/1", void_first)


def retry_of_a_permanent_failure(monkeypatch) -> None:
    """What a partner refused for good is asked of it again and again."""
    read = messages.read

    def read_again(step, answer, at):
        known = RESULTS.get(int(answer.ResultCode))
        if known is not None and known.code and not known.retryable:
            raise Temporary(str(step.to), known.en)
        return read(step, answer, at)

    monkeypatch.setattr(directory, "read", read_again)


def no_duplicate_check(monkeypatch) -> None:
    """A request that came before is taken for a new one."""

    async def never_seen(self, system, streaming_no):
        return None

    monkeypatch.setattr(MemoryStore, "inbox", never_seen)
    monkeypatch.setattr(MemoryStore, "_request_taken", lambda self, row: None)


def lease_without_fencing(monkeypatch) -> None:
    """A process whose orders were taken over goes on with them when it comes back."""

    def held_run(self, run_id, fence):
        return self._runs[run_id]

    monkeypatch.setattr(MemoryStore, "_held_run", held_run)


MUTANTS: dict[str, Callable[[object], None]] = {
    one.__name__: one
    for one in (commit_after_answer, void_before_confirm, retry_of_a_permanent_failure, no_duplicate_check, lease_without_fencing)
}
