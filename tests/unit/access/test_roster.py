"""The partners as they are now: reload, changes by hand, several processes, restarts."""

from __future__ import annotations

import pytest
from callers import NOON, PORTAL, Place, message, password, run, token

from gateway.access.changes import Rotation, laid_over
from gateway.access.partner import Day, Mode, Rate, State
from gateway.config.forms import Unfit
from gateway.engine.ports import PartnerChanged, StoreFailed
from gateway.store.memory import MemoryStore

HOUR = 3600


@pytest.fixture
def place(tmp_path):
    """A gateway that knows one partner."""
    return Place(tmp_path)


def change(place, values, act="suspend"):
    run(place.door.roster.change("portal", values, act, "li", "a reason"))


def asked(place, **more):
    place.count = getattr(place, "count", 0) + 1
    return place.ask(message(token(nonce=bytes(8) + place.count.to_bytes(8), at=place.time.at, **more)))


def test_suspended_and_resumed(place):
    """At once, and back."""
    change(place, {"state": State.SUSPENDED})
    first = asked(place)
    change(place, {"state": State.RUNNING}, "resume")
    assert (first, asked(place)) == ((500, "2013"), (200, "0"))


def test_act_is_audited(place):
    """Who, why and what, in the commit of the change itself."""
    change(place, {"state": State.SUSPENDED})
    assert place.audit() == [("partner.suspend", "portal", "a")]


def test_change_survives_a_restart(tmp_path):
    """The store keeps it."""
    store = MemoryStore()
    change(Place(tmp_path, store=store), {"state": State.SUSPENDED})
    assert asked(Place(tmp_path, store=store)) == (500, "2013")


def test_other_process_learns_of_it(tmp_path):
    """Within two seconds."""
    store = MemoryStore()
    places = [Place(tmp_path, store=store, shared=True) for _ in range(2)]
    change(places[0], {"state": State.SUSPENDED})
    places[1].time.pass_by(2)
    assert asked(places[1]) == (500, "2013")


def test_limits(place):
    """A quota by hand goes before that of the file."""
    change(place, {"rate": Rate(0.1, 1, Mode.ENFORCE), "day": Day(5, Mode.REPORT)}, "limit")
    assert [asked(place) for _ in range(2)] == [(200, "0"), (500, "9002")]


def test_rotation(place, tmp_path):
    """Both passwords are good for a while, then the new one alone."""
    password(tmp_path / "new.password", "another password")
    change(place, {"password": Rotation("new.password", place.time.at.replace(hour=13))}, "rotate")
    both = [asked(place), asked(place, secret="another password")]
    place.time.pass_by(HOUR)
    assert (both, [asked(place), asked(place, secret="another password")]) == ([(200, "0")] * 2, [(500, "2004"), (200, "0")])


def test_rotation_to_a_file_that_is_not_there(place):
    """It is refused before anything is kept."""
    with pytest.raises(Unfit):
        run(place.door.roster.change("portal", {"password": Rotation("none", NOON)}, "rotate", "li", "why"))
    assert (asked(place), place.audit()) == ((200, "0"), [])


def test_rotated_password_whose_file_is_gone(tmp_path):
    """After a restart the former one is not good again: the partner is refused, and the log says why."""
    store, file = MemoryStore(), password(tmp_path / "new.password", "another password")
    change(Place(tmp_path, store=store), {"password": Rotation("new.password", NOON)}, "rotate")
    file.unlink()
    place = Place(tmp_path, store=store)
    assert (asked(place), place.events[0][0]) == ((500, "2004"), "partner.unchanged")


def test_reset(place):
    """The file's word holds again."""
    change(place, {"state": State.SUSPENDED})
    run(place.door.roster.reset("portal", "li", "why"))
    assert (asked(place), place.door.roster.changed("portal")) == ((200, "0"), {})


def test_reload(place):
    """A changed file holds from now on, and what was changed by hand goes before it still."""
    change(place, {"rate": Rate(5, 5, Mode.REPORT)}, "limit")
    place.file.write_text(PORTAL + 'state = "suspended"\n')
    mistakes = place.door.roster.reload()
    assert (mistakes, asked(place), place.door.roster.partners.all["portal"].rate) == ((), (500, "2013"), Rate(5, 5, Mode.REPORT))


def test_bad_file_never_replaces_a_good_one(place):
    """Its mistakes are told and audited, and everybody is served as before."""
    place.file.write_text(PORTAL.replace("username-token", "tokens"))
    mistakes = place.door.roster.reload()
    assert (len(mistakes), asked(place), place.audit(), place.events[0][0]) == (
        1, (200, "0"), [("partners.reload", "partners", "SIGHUP")], "partners.refused",
    )  # fmt: skip


def test_partner_that_is_taken_out(place):
    """Who is not in the file any more is a stranger; his changes change nothing."""
    change(place, {"state": State.SUSPENDED})
    place.file.write_text(PORTAL.replace("[portal]", "[other]\nuser = 'o'"))
    place.door.roster.reload()
    assert asked(place) == (500, "2004")


def test_isolated_is_not_called(tmp_path):
    """By the sections that the file names; others are."""
    place = Place(tmp_path, PORTAL + 'calls = ["channel.211"]\n')
    change(place, {"state": State.ISOLATED}, "isolate")
    assert [place.door.roster.isolates(party) for party in ("channel:211", "channel:212")] == [True, False]


class Away(MemoryStore):
    away = False

    async def partner_changes(self):
        if self.away:
            raise StoreFailed("away")
        return await super().partner_changes()


def test_store_that_is_away(tmp_path):
    """What is known holds, and it is looked again later."""
    place = Place(tmp_path, store=Away())
    change(place, {"state": State.SUSPENDED})
    place.store.away = True
    place.time.pass_by(2)
    told = place.events[-1][0]
    place.store.away = False
    place.time.pass_by(2)
    assert (told, asked(place)) == ("store.failed", (500, "2013"))


@pytest.mark.parametrize("what", ["state", "colour"])
def test_change_of_a_newer_version(place, what):
    """What this program cannot read is told and passed over."""
    told = []
    partners = laid_over(
        place.door.roster.partners, [PartnerChanged("portal", what, '"asleep"')], NOON, lambda file: b"", lambda row, why: told.append(why)
    )
    assert (partners.all["portal"].state, told) == (State.RUNNING, ["is not known to this version of the program"])


def test_stop(place):
    """Nothing is left to do when the door is closed, and what was counted is written."""
    place.ask(message())
    place.ask(message())
    place.door.stop()
    place.time.later = [entry for entry in place.time.later if entry[0] - NOON.timestamp() != 60]
    assert (place.time.later, len(place.audit())) == ([], 2)
