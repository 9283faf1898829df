"""Coroutines on Deferreds: by themselves, and waiting for a promise."""

from __future__ import annotations

import pytest
from twisted.logger import globalLogPublisher

from gateway.runtime.spawning import DeferredPromise, spawn


@pytest.fixture
def logged():
    """Failures that are told to Twisted's log."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


@pytest.fixture
def waiter():
    """A promise, and what the coroutine that awaits it has come to."""
    promise, came = DeferredPromise(), []

    async def wait() -> None:
        try:
            came.append(await promise)
        except ValueError as error:
            came.append(error)

    spawn(wait())
    return promise, came


def test_waits_for_its_promise(waiter):
    """As long as a promise is open, who awaits it stands still."""
    assert waiter[1] == []


def test_promise_that_is_kept(waiter):
    """The waiter goes on."""
    promise, came = waiter
    promise.succeed()
    assert came == [None]


def test_promise_that_is_broken(waiter):
    """The waiter gets the error."""
    promise, came = waiter
    error = ValueError("store failed")
    promise.fail(error)
    assert came == [error]


def test_promise_kept_before_anybody_waits():
    """A commit may be done before it is awaited."""
    promise, came = DeferredPromise(), []
    promise.succeed()

    async def wait() -> None:
        came.append(await promise)

    spawn(wait())
    assert came == [None]


def test_failure_of_spawned_work_is_logged(logged):
    """Nobody waits for it, so what it raises is told to the log and goes no further."""

    async def fail() -> None:
        raise ValueError("flow failed")

    spawn(fail())
    assert [event["log_failure"].type for event in logged] == [ValueError]
