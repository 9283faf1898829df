"""Used credentials outlive the process, and are shared by those who share a store."""

from __future__ import annotations

from callers import Place, message, run, token

from gateway.engine.ports import StoreFailed
from gateway.store.memory import MemoryStore


def test_restart_remembers(tmp_path):
    """A token that a former process took is refused by the next one."""
    store = MemoryStore()
    first = Place(tmp_path, store=store).ask(message(token()))
    assert (first, Place(tmp_path, store=store).ask(message(token()))) == ((200, "0"), (500, "2008"))


def test_refused_message_leaves_no_mark_on_disk(tmp_path):
    """Nothing is stored for a message that is not carried out."""
    place = Place(tmp_path)
    place.ask(message(token(), fields=""))
    rows = []

    async def read():
        rows.extend(await place.store.used_tokens(place.time.at))

    run(read())
    assert rows == []


def test_two_processes_take_a_token_once(tmp_path):
    """Who shares a store with others asks it: the second is refused though it never saw the token."""
    store = MemoryStore()
    places = [Place(tmp_path, store=store, shared=True) for _ in range(2)]
    told = [place.ask(message(token())) for place in places]
    assert (told, [place.answers.callers for place in places]) == ([(200, "0"), (500, "2008")], [["portal"], []])


class Failing(MemoryStore):
    async def commit(self, writes):
        raise StoreFailed("the disk is full")


def test_shared_store_that_fails(tmp_path):
    """What cannot be marked for all is not carried out: busy, and to come again."""
    place = Place(tmp_path, store=Failing(), shared=True)
    answer = place.answer(message(token()))
    assert (answer.status, b"9001" in answer.body, answer.retry_after, place.answers.callers) == (500, True, 5, [])


def test_own_store_that_fails(tmp_path):
    """The failure is told to the log; what the message asks for meets the same store."""
    place = Place(tmp_path, store=Failing())
    assert (place.ask(message(token())), place.events[0][0]) == ((200, "0"), "store.failed")


def test_marks_that_ended_are_deleted(tmp_path):
    """The table does not grow: what ended goes, a few seconds later."""
    place = Place(tmp_path)
    place.ask(message(token()))
    place.time.pass_by(400)
    place.time.pass_by(6)
    assert place.store._tokens == {}


def test_no_room(tmp_path):
    """Beyond the cap nobody is let in who needs a mark; what has ended makes room."""
    place = Place(tmp_path)
    place.door.used._window._most = 1
    told = [place.ask(message(token(nonce=bytes(8) + bytes([n])))) for n in range(2)]
    place.time.pass_by(400)
    assert (told, place.ask(message(token(at=place.time.at)))) == ([(200, "0"), (500, "9001")], (200, "0"))


