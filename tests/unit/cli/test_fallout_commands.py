"""`vsopgw fallout` and `vsopgw audit`, run in this process against the admin API of gateways in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

import msgspec
import pytest
from click.testing import CliRunner
from fallout_counter import AWAY, Counter
from playbook import order
from rig import run

from gateway.admin import fallout as desk
from gateway.cli import fallout
from gateway.cli.errors import CommandFailed, Unreachable
from gateway.cli.main import main
from gateway.cli.operator import operator
from gateway.errors import Temporary


@dataclass
class Direct:
    """The admin API of a gateway in this process, as the command line's client sees it."""

    name: str
    counter: Counter = field(default_factory=Counter)
    deadline: float = 10.0

    def get(self, path, **query):
        status, answer = self.ask("GET", f"{path}?{urlencode(query)}", None)
        return None if status == 404 else answer

    def post(self, path, body):
        status, answer = self.ask("POST", path, msgspec.json.decode(body))
        if status != 200:
            raise CommandFailed(f"{self.name}: {answer['error']}", 1)
        return answer

    def ask(self, method, path, value):
        return self.counter.ask(method, quote(path, safe="/?=&%+"), value)


class Away(Direct):
    """A gateway that does not run."""

    def ask(self, method, path, value):
        raise Unreachable(f"{self.name}: no answer")


@pytest.fixture
def group():
    return Direct("group")


@pytest.fixture
def jiangxi():
    return Direct("jiangxi")


@pytest.fixture
def command(monkeypatch, jiangxi, group):
    """Run `vsopgw` with arguments against both gateways; gives exit code, output and errors."""
    targets = [jiangxi, group]
    monkeypatch.setattr(fallout, "clients", lambda files: targets)

    def call(*arguments, at=None):
        targets[:] = at or targets
        done = CliRunner().invoke(main, list(arguments))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


def state(gateway, placed):
    """How an order stands."""
    return str(run(gateway.counter.rig.store.order(placed.id)).state)


# ---- list and show -----------------------------------------------------------------------------------------------------


def test_list_goes_by_cause(command, jiangxi):
    """Each cause once with its count, the most frequent first, then its orders."""
    jiangxi.counter.park(step="fee-check", failure=Temporary("ocs", "feeCheck: connection refused"))
    jiangxi.counter.park(), jiangxi.counter.park()
    assert command("fallout", "list") == (
        0,
        "jiangxi: 2 x xplatform:303: serverAction: HTTP 503\n"
        "  200151  2026-11-23T12:00:01  4.1.1  subscribe 189****0002  (W1)\n"
        "  200152  2026-11-23T12:00:02  4.1.1  subscribe 189****0003  (W2)\n"
        "jiangxi: 1 x ocs: feeCheck: connection refused\n"
        "  200150  2026-11-23T12:00:00  4.1.1  subscribe 189****0001  (W0)\n",
        "",
    )


def test_nothing_is_parked(command):
    """An empty desk is said, and is no failure."""
    assert command("fallout", "list") == (0, "nothing is parked\n", "")


def test_list_says_what_it_leaves_out(command, jiangxi):
    """A list that is cut at its limit tells how many more there are; one that is whole does not."""
    jiangxi.counter.park(), jiangxi.counter.park(), jiangxi.counter.park()
    assert command("fallout", "list", "--limit", "2")[1].splitlines()[-1] == "jiangxi: 1 more are parked: give a higher --limit"
    assert "more are parked" not in command("fallout", "list", "--limit", "3")[1]


def test_list_as_json(command, jiangxi, group):
    """For programs: every row with its gateway."""
    jiangxi.counter.park(), group.counter.park()
    code, out, _ = command("fallout", "list", "--json")
    assert (code, [(row["gateway"], row["order"]) for row in json.loads(out)]) == (0, [("jiangxi", "200150"), ("group", "200150")])


def test_list_of_what_answers(command, jiangxi):
    """A gateway that is down is told, the others are listed."""
    jiangxi.counter.park()
    code, out, err = command("fallout", "list", at=[jiangxi, Away("group")])
    assert (code, "200150" in out, err) == (0, True, "group: no answer\n")


@pytest.mark.parametrize("arguments", [("fallout", "list"), ("fallout", "show", "W0"), ("fallout", "retry", "W0"), ("audit", "list")])
def test_nobody_answers(command, arguments):
    """Exit 3 tells a script that nothing was asked."""
    assert command(*arguments, at=[Away("jiangxi")]) == (3, "", "jiangxi: no answer\n")


def test_show(command, jiangxi):
    """The ladder, the cause, and what each act would lead to."""
    jiangxi.counter.park()
    code, out, _ = command("fallout", "show", "W0")
    lines = out.splitlines()
    assert (code, any("STUCK" in line for line in lines), lines[-5:]) == (0, True, [
        "parked at jiangxi: xplatform:303: serverAction: HTTP 503 [8005] the partner system gave no answer",
        "  retry            -> asks xplatform:303: activate, again under the same number",
        "  skip as done     -> tells billing: archive",
        "  skip as refused  -> tells channel:211: tell-channel",
        "  cancel           -> asks xplatform:303: undo",
    ])  # fmt: skip


def test_show_what_cannot_be_done(command, jiangxi):
    """An act that is not possible is listed with its reason."""
    jiangxi.counter.park(step="archive", failure=Temporary("billing", "subsInstSynToHB: HTTP 503"))
    assert command("fallout", "show", "W0")[1].splitlines()[-1].startswith("  cancel           no: what was to be done is decided")


def test_show_as_json(command, jiangxi):
    """For programs: everything, with the gateway."""
    jiangxi.counter.park()
    shown = json.loads(command("fallout", "show", "W0", "-o", "json")[1])
    assert (shown["gateway"], shown["order"], len(shown["choices"])) == ("jiangxi", "200150", 4)


def test_show_of_nothing(command):
    """Exit 1, with where it was looked for."""
    assert command("fallout", "show", "W7") == (1, "", "no order W7 is parked at jiangxi, group\n")


def test_name_that_is_not_unique(command, jiangxi, group):
    """Two orders of one name: the person must say which, by its id."""
    jiangxi.counter.park(), group.counter.park()
    assert command("fallout", "show", "W0")[0::2] == (
        1, "several parked orders are called W0: 200150 at jiangxi, 200150 at group\n",
    )  # fmt: skip


# ---- acts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word", "ended"),
    [
        (("retry", "W0"), "goes on", "10F"),
        (("skip", "W0", "--as", "done", "--why", "seen"), "goes on, the step is decided by hand", "10F"),
        (("skip", "W0", "--as", "refused", "--why", "seen"), "goes on, the step is decided by hand", "10E"),
        (("cancel", "W0", "--why", "asked"), "is being cancelled: what may have been done is taken back", "10E"),
    ],
    ids=["retry", "skip as done", "skip as refused", "cancel"],
)  # fmt: skip
def test_act(command, jiangxi, arguments, word, ended):
    """Each act is one command; it says where and to what it was done."""
    placed = jiangxi.counter.park()
    assert (command("fallout", *arguments), state(jiangxi, placed)) == ((0, f"jiangxi: 200150: {word}\n", ""), ended)


def test_code_of_a_refusal(command, jiangxi):
    """The channel is told the code that the person gives."""
    placed = jiangxi.counter.park()
    command("fallout", "skip", "W0", "--as", "refused", "--code", "5001", "--why", "seen")
    assert run(jiangxi.counter.rig.store.order(placed.id)).code == 5001


def test_several_of_which_one_is_gone(command, jiangxi):
    """The others are retried all the same; exit 1 says that one was not."""
    first, second = jiangxi.counter.park(), jiangxi.counter.park()
    code, out, err = command("fallout", "retry", "W0", "W7", "W1")
    assert (code, out.count("goes on"), err, state(jiangxi, first), state(jiangxi, second)) == (
        1, 2, "no order W7 is parked at jiangxi, group\n", "10F", "10F",
    )  # fmt: skip


def test_act_that_is_refused(command, jiangxi):
    """Why it cannot be done, and exit 1."""
    jiangxi.counter.park(step="archive", failure=Temporary("billing", "HTTP 503"))
    code, out, err = command("fallout", "cancel", "W0", "--why", "asked")
    assert (code, out, "only this message is left" in err) == (1, "", True)


def test_end_by_force_warns(command, jiangxi):
    """Who ends an order by force is told to reconcile."""
    placed = jiangxi.counter.park()
    jiangxi.counter.rig.restart(flows={})
    jiangxi.counter.desk.engine = jiangxi.counter.rig.engine
    code, out, err = command("fallout", "cancel", "W0", "--why", "flow is gone", "--force")
    assert (code, out, "reconcile" in err, state(jiangxi, placed)) == (0, "jiangxi: 200150: ended as it is\n", True, "10E")


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry",), ("retry", "W0", "--all", "--why", "back"), ("retry", "--all"), ("retry", "W0", "--cause", "503"),
        ("skip", "W0", "--as", "done"), ("skip", "W0", "--why", "seen"), ("cancel", "W0"), ("retry", "--all", "--why", " "),
        ("skip", "W0", "--as", "refused", "--code", "0", "--why", "seen"),
        ("skip", "W0", "--as", "done", "--code", "8001", "--why", "seen"),
        ("skip", "W0", "--as", "done", "--why", ""), ("cancel", "W0", "--why", " "),
    ],
    ids=" ".join,
)  # fmt: skip
def test_command_that_is_not_whole(command, jiangxi, arguments):
    """Exit 2, and nothing is done."""
    jiangxi.counter.park()
    assert (command("fallout", *arguments)[0], jiangxi.counter.left()) == (2, ["200150"])


# ---- bulk --------------------------------------------------------------------------------------------------------------


def test_retry_of_all(command, jiangxi, group):
    """Everything at every gateway goes on; each says how many."""
    jiangxi.counter.park(), jiangxi.counter.park(), group.counter.park()
    assert command("fallout", "retry", "--all", "--why", "platform is back") == (
        0, "jiangxi: 2 retried\ngroup: 1 retried\n3 retried\n", "",
    )  # fmt: skip


def test_retry_of_one_cause(command, jiangxi):
    """The rest stays."""
    jiangxi.counter.park()
    jiangxi.counter.park(step="fee-check", failure=Temporary("ocs", "feeCheck: connection refused"))
    command("fallout", "retry", "--all", "--cause", "refused", "--why", "OCS is back")
    assert jiangxi.counter.left() == ["200150"]


def test_retry_of_nothing(command, jiangxi):
    """A filter that fits no parked order is no success: exit 1."""
    jiangxi.counter.park()
    code, _, err = command("fallout", "retry", "--all", "--party", "ocs", "--why", "OCS is back")
    assert (code, err, jiangxi.counter.left()) == (1, "no parked order fits the filters\n", ["200150"])


def test_retry_of_more_than_one_answer_holds(command, jiangxi, monkeypatch):
    """The command asks until all have had their turn, and no longer: who is parked again waits for the next command."""
    monkeypatch.setattr(desk, "MOST_RETRIED", 1)
    for _ in range(3):
        jiangxi.counter.park()
    jiangxi.counter.rig.partners.answer("activate", AWAY)
    jiangxi.counter.rig.clock.advance(60)
    code, out, _ = command("fallout", "retry", "--all", "--why", "platform is back", at=[jiangxi])
    assert (code, out.splitlines()[-1], len(jiangxi.counter.left())) == (0, "3 retried", 1)


# ---- the audit log -----------------------------------------------------------------------------------------------------


def test_audit_says_who_and_why(command, jiangxi):
    """The user of the system by default; one line for each act, the newest first, of all gateways."""
    jiangxi.counter.park()
    command("fallout", "cancel", "W0", "--why", "the user called")
    assert command("audit", "list") == (
        0, f"2026-11-23T12:00:01  jiangxi  {operator()}  fallout.cancel  200150  activate cancelled: the user called\n", "",
    )  # fmt: skip


def test_audit_of_one_order(command, jiangxi):
    """Others are left out; who acts can be named."""
    jiangxi.counter.park(), jiangxi.counter.park()
    command("fallout", "retry", "W0", "W1", "--who", "wang")
    rows = json.loads(command("audit", "list", "--order", "200151", "--json")[1])
    assert [(row["who"], row["subject"], row["gateway"]) for row in rows] == [("wang", "200151", "jiangxi")]


def test_audit_of_nothing(command):
    """An empty log is said."""
    assert command("audit", "list") == (0, "nothing was done by hand\n", "")


# ---- legs of another tier ------------------------------------------------------------------------------------------------


def test_leg_of_an_order_that_waits_for_it(command, jiangxi, group):
    """The order itself waits at the province; its leg at the group is parked, and is found under the portal's number."""
    jiangxi.counter.rig.partners.answer("activate", None)
    waiting = replace(order(), id="200151", trace_id="200151", channel_order_id="W1")
    jiangxi.counter.rig.place(waiting)
    group.counter.park(id="20035", trace_id="200151", channel="200", channel_order_id="200151")
    assert command("fallout", "retry", "W1") == (0, "group: 20035: goes on\n", "")
