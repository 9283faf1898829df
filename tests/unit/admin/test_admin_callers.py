"""Partners that may call, in the admin API: shown without secrets, changed with who and why."""

from __future__ import annotations

import msgspec
import pytest
from callers import PASSWORD, PORTAL, Place, message, password, token

from gateway.admin.callers import resources
from gateway.admin.problems import Problem
from gateway.soap.http_message import Line


class Admin:
    """The resources of one gateway."""

    def __init__(self, place: Place | None, clock) -> None:
        self.acts = resources(None if place is None else place.door, clock)

    def ask(self, method, name, body=None):
        found = []

        async def work():
            found.append(await self.acts[method, "callers"](name, b"" if body is None else msgspec.json.encode(body)))

        try:
            work().send(None)
        except StopIteration:
            return msgspec.to_builtins(found[0])
        raise AssertionError("it waits")

    def act(self, act, **more):
        return self.ask("POST", "portal", {"act": act, "who": "li", "why": "a reason", **more})


@pytest.fixture
def place(tmp_path):
    """A gateway that knows one partner."""
    return Place(tmp_path, PORTAL + '[portal.rate]\nper_second = 5\nburst = 10\nmode = "report"\n')


@pytest.fixture
def admin(place):
    """Its admin API."""
    return Admin(place, place.time)


def test_view(place, admin):
    """What he may and what he used; nothing secret."""
    place.ask(message(token()))
    view = admin.ask("GET", "portal")
    assert (view["state"], view["rate"], view["today"], view["changed"], PASSWORD in repr(view)) == (
        "running", {"per_second": 5.0, "burst": 10, "mode": "report"}, 1, {}, False,
    )  # fmt: skip


def test_list(admin):
    """All of the file."""
    assert [view["name"] for view in admin.ask("GET", "")] == ["portal"]


@pytest.mark.parametrize(("act", "state"), [("suspend", "suspended"), ("isolate", "isolated"), ("resume", "running")])
def test_states(place, admin, act, state):
    """The act gives the partner as he is then, and stands in the audit log."""
    assert (admin.act(act)["state"], place.audit()) == (state, [(f"partner.{act}", "portal", "a")])


def test_limit(admin):
    """What is not named stays as it is."""
    view = admin.act("limit", day={"requests": 7, "mode": "enforce"})
    assert (view["rate"]["per_second"], view["day"]) == (5.0, {"requests": 7, "mode": "enforce"})


def test_connections(place, admin):
    """A quota of connections holds from the next message on, and who holds how many is shown."""
    admin.act("limit", connections={"most": 1, "mode": "enforce"})
    asked = [place.ask(message(token(nonce=bytes(8) + bytes([n]))), line=Line()) for n in range(2)]
    assert (asked, admin.act("resume")["open"]) == ([(200, "0"), (500, "9004")], 1)


def test_rotate(place, admin, tmp_path):
    """The new password is good at once, the former one as long as was said."""
    password(tmp_path / "new.password", "another password")
    admin.act("rotate", file="new.password", overlap=60.0)
    assert [place.ask(message(token(secret=each, nonce=each.encode()[:16]))) for each in (PASSWORD, "another password")] == [(200, "0")] * 2


def test_reset(admin):
    """What the file says holds again."""
    admin.act("suspend")
    view = admin.act("reset")
    assert (view["state"], view["changed"]) == ("running", {})


WRONG = {
    "limit of nothing": ({"act": "limit"}, 400),
    "no rate at all": ({"act": "limit", "rate": {"per_second": 0, "burst": 1, "mode": "enforce"}}, 400),
    "day of nothing": ({"act": "limit", "day": {"requests": 0, "mode": "enforce"}}, 400),
    "no connection": ({"act": "limit", "connections": {"most": 0, "mode": "enforce"}}, 400),
    "rotate without a file": ({"act": "rotate"}, 400),
    "rotate to no file": ({"act": "rotate", "file": "none"}, 400),
    "unknown act": ({"act": "delete"}, 400),
    "no reason": ({"act": "suspend", "why": ""}, 400),
    "nobody": ({"act": "suspend", "who": ""}, 400),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(place, admin, case):
    """It is refused and nothing is changed."""
    body, status = WRONG[case]
    with pytest.raises(Problem) as raised:
        admin.ask("POST", "portal", {"who": "li", "why": "a reason", **body})
    assert (raised.value.status, place.audit()) == (status, [])


def test_unknown_partner(admin):
    """404."""
    with pytest.raises(Problem) as raised:
        admin.ask("GET", "crm")
    assert raised.value.status == 404


def test_gateway_without_partners(place):
    """It has nobody to show, and says why nothing can be changed."""
    admin = Admin(None, place.time)
    with pytest.raises(Problem) as raised:
        admin.act("suspend")
    assert (admin.ask("GET", ""), raised.value.status) == ([], 409)
