"""The processes behind one port: all are ready or none, a fallen one comes back, all drain together."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time

import pytest

from gateway.cli import workers
from gateway.cli.errors import CommandFailed
from gateway.cli.workers import PAUSES, Supervisor, Worker, reserve

WORKING = """
import json, os, signal, sys, time
signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD))
signal.signal(signal.SIGTERM, lambda *_: sys.exit({code}))
print(json.dumps({{"pid": os.getpid()}}), flush=True)
while True:
    time.sleep(0.05)
"""


def worker(name: str = "w", code: int = 0, text: str = "") -> Worker:
    return Worker(name, [sys.executable, "-c", text or WORKING.format(code=code)])


def ended_by(act, *team: Worker) -> tuple[int, list[dict], list[int]]:
    """Run a team until it ends; `act(pids)` is done beside it when all are ready. Gives code, log and pids."""
    log: list[dict] = []
    pids: list[int] = []

    def ready(found: list[int]) -> None:
        pids.extend(found)
        threading.Thread(target=act, args=(found,)).start()

    return Supervisor(list(team), log.append).run(ready), log, pids


def stop(_pids: list[int]) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_all_drain():
    """SIGTERM goes to every worker, and the exit code is 0 when all ended in order."""
    code, log, pids = ended_by(stop, worker("a"), worker("b"))
    assert (code, log, len(set(pids))) == (0, [], 2)


HEARING = """
import json, os, signal, sys, time
heard = []
signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP))
signal.signal(signal.SIGHUP, lambda *_: heard.append(1))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(len(heard)))
print(json.dumps({"pid": os.getpid()}), flush=True)
while True:
    time.sleep(0.05)
"""


def test_workers_are_told_to_read_again():
    """SIGHUP goes to every worker, and ends nobody."""

    def act(pids):
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(0.5)
        stop(pids)

    code, log, _ = ended_by(act, worker("a", text=HEARING), worker("b", text=HEARING))
    assert (code, log) == (1, [])


def test_one_did_not_drain():
    """The exit code is that of the worker that did not end in order."""
    assert ended_by(stop, worker("a"), worker("b", code=3))[0] == 3


def test_fallen_worker_comes_back(monkeypatch):
    """A worker that was killed is started again under its name, and the log says so."""
    monkeypatch.setattr(workers, "PAUSES", (0.1, 0.1))
    log: list[dict] = []

    def kill_one(pids: list[int]) -> None:
        os.kill(pids[0], signal.SIGKILL)
        until = time.monotonic() + 10
        while len(log) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)  # until it has its signal handler
        stop(pids)

    team = Supervisor([worker("a"), worker("b")], log.append)
    code = team.run(lambda pids: threading.Thread(target=kill_one, args=(pids,)).start())
    assert (code, [(what["event"], what["worker"]) for what in log]) == (0, [("worker.fell", "a"), ("worker.started", "a")])


def test_worker_that_does_not_start():
    """If one cannot start, none runs, and the exit code is the one it gave."""
    with pytest.raises(CommandFailed) as failed:
        ended_by(stop, worker("a"), worker("b", text="raise SystemExit(2)"))
    assert failed.value.exit_code == 2


def test_worker_that_there_is_no_room_for(monkeypatch):
    """While the machine refuses another process the others go on, and it is tried again, ever more seldom."""
    monkeypatch.setattr(workers, "PAUSES", (0.0, 0.0, 0.0))
    log: list[dict] = []
    refused = [OSError(errno.EAGAIN, "no more processes"), OSError(errno.ENOMEM, "no memory")]
    start = Worker.start

    def start_if_there_is_room(one):
        if log and refused:
            raise refused.pop(0)
        start(one)

    monkeypatch.setattr(Worker, "start", start_if_there_is_room)

    def kill_one(pids: list[int]) -> None:
        os.kill(pids[0], signal.SIGKILL)
        until = time.monotonic() + 10
        while len(log) < 4 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)  # until it has its signal handler
        stop(pids)

    team = Supervisor([worker("a"), worker("b")], log.append)
    code = team.run(lambda pids: threading.Thread(target=kill_one, args=(pids,)).start())
    told = [(what["event"], what.get("error")) for what in log]
    assert (code, told) == (
        0,
        [("worker.fell", None), ("worker.fell", "no more processes"), ("worker.fell", "no memory"), ("worker.started", None)],
    )


def test_pauses_grow_while_there_is_no_room():
    """A start that is refused counts from its own time, not from that of the last process, which may have run for days."""
    fallen = Worker("w", ["/nowhere"])
    fallen.started = -1e6
    with pytest.raises(FileNotFoundError):
        fallen.start()
    now = time.monotonic()
    assert [fallen.fell(now), fallen.fell(now)] == list(PAUSES[:2])


def test_first_worker_that_there_is_no_room_for():
    """At the start none runs then, and it is told as a worker that did not start."""
    with pytest.raises(CommandFailed) as failed:
        ended_by(stop, worker("a"), Worker("b", ["/nowhere"]))
    assert failed.value.exit_code == 4


def test_worker_that_does_not_end_is_killed(monkeypatch):
    """One that is asleep at the shutdown does not keep the others' supervisor for ever; the exit code tells it."""
    monkeypatch.setattr(workers, "KILL_SECONDS", 0.5)

    def asleep(pids: list[int]) -> None:
        os.kill(pids[0], signal.SIGSTOP)
        stop(pids)

    assert ended_by(asleep, worker("a"), worker("b"))[0] == signal.SIGKILL


def test_worker_that_does_not_end_when_another_did_not_start(monkeypatch):
    """It is killed as well."""
    monkeypatch.setattr(workers, "KILL_SECONDS", 0.5)
    deaf = WORKING.format(code=0).replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    with pytest.raises(CommandFailed):
        ended_by(stop, worker("a", text=deaf), worker("b", text="raise SystemExit(2)"))


def test_pauses_grow_and_end():
    """A worker that falls again and again is started again ever more seldom; one that ran for a minute begins anew."""
    fallen = worker()
    pauses = []
    for _ in range(len(PAUSES) + 1):
        fallen.started = 100.0
        pauses.append(fallen.fell(101.0))
    fallen.started = 100.0
    assert (pauses, fallen.fell(200.0)) == ([*PAUSES, PAUSES[-1]], PAUSES[0])


def test_held_port_can_be_shared():
    """Others may listen on the port that is held, and nothing is lost in the holder: it does not listen."""
    held = reserve("127.0.0.1", 0)
    with held, socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(held.getsockname())
        listener.listen()
        for _ in range(20):
            with socket.create_connection(held.getsockname(), 1), listener.accept()[0]:
                pass


@pytest.mark.parametrize("shares", [0, 1])
def test_port_of_another_program(shares):
    """A port at which somebody listens cannot be held, though he would share it."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shares)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            reserve(*other.getsockname())


def test_one_that_was_starting_ended_in_order():
    """A worker that SIGTERM ends before it can drain had taken nothing: the exit code is 0."""
    starting = "\n".join(line for line in WORKING.format(code=0).splitlines() if "lambda" not in line)
    assert ended_by(stop, worker("a"), worker("b", text=starting))[0] == 0
