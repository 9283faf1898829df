"""Reconciliation between real processes: planted differences of every kind are found, repaired as orders, and gone in the next run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime

import pytest
from acts import ISMP, NATIONAL_ISMP, NATIONAL_X, X_BOX, X, active, behaving, services
from testlab import PROVINCES, TestLab

from gateway.resources import etc_dir
from gateway.vocabulary import CHINA, write_time

pytestmark = pytest.mark.e2e

NUMBERS = [f"18907916{i:03d}" for i in range(60)]
SETTLED = {"recon__settle_s": "0.2"}


class Field:
    """A lab of its own, whose other side is changed behind VSOP's back, and the command that compares."""

    def __init__(self, lab: TestLab) -> None:
        self.lab = lab
        self.numbers = iter(NUMBERS)
        self.files = lab.directory / "files"
        self.files.mkdir()
        self.configs = {name: self._config(name) for name in ("jiangxi", "group")}

    def _config(self, name):
        file = self.lab.directory / f"{name}.toml"
        tier = "group" if name == "group" else "province"
        file.write_text(
            f'[gateway]\ntier = "{tier}"\nprovince = "{PROVINCES[name]}"\nname = "{name}"\nport = {self.lab.ports[name]}\n'
            f'state_dir = "{self.lab.directory / name}"\n[admin]\nport = {self.lab.admin_ports[name]}\n'
            f'[numbers]\nplan = "{etc_dir() / "numbers.toml"}"\n'
        )
        return str(file)

    def holder(self, *offers, number=None):
        """A user who has ordered these; gives his number when all of it has settled."""
        number = number or next(self.numbers)
        for offer in offers:
            placed = self.lab.stubs("jiangxi").act("portal", "order", {"number": number, "offer": offer})
            (leg, *_) = self.lab.settled("jiangxi", placed["order_id"])
            assert leg["state"] == "10F", leg
        return number

    def plant(self, role, number, product, state="active", stubs="jiangxi"):
        self.lab.stubs(stubs).act(role, "plant", {"number": number, "product": product, "state": state})

    def file(self, role, stubs="jiangxi", *, monthly=True, damage=lambda text: text):
        """Have a partner write its file."""
        told = self.lab.stubs(stubs).act(role, "recon-file", {"date": today(), "monthly": monthly})
        (self.files / told["name"]).write_text(damage(told["text"]))
        return told["name"]

    def command(self, *arguments, name="jiangxi"):
        command = [sys.executable, "-m", "gateway", "recon", *arguments, "-c", self.configs[name]]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def run(self, right, *more, name="jiangxi", full=True, fresh=None):
        """Compare until nothing is in flight; gives exit code and report. `fresh` makes the other side's file anew each time."""
        report = self.lab.directory / "report.json"
        kind = ["--full"] if full else []
        for _ in range(60):
            source = ["--files", str(self.files)] if fresh else ["--group", self.configs["group"]]
            if fresh:
                fresh()
            report.unlink(missing_ok=True)
            done = self.command("run", "--date", today(), "--right", right, *kind, *source, "--report", str(report), *more, name=name)
            assert (done.returncode in (0, 1), done.stderr) == (True, "")
            found = json.loads(report.read_text())
            if not found["in_flight"]:
                return done.returncode, found
            time.sleep(0.2)
        raise AssertionError(found)


def today() -> str:
    return datetime.now(CHINA).strftime("%Y-%m-%d")


def rows(found):
    return {(row["number"], row["product"], row["class"], row["field"], row["cause"]) for row in found["rows"]}


APPLY = ("--apply", "--by", "auditor", "--why", "nightly run")


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    lab = TestLab(tmp_path_factory.mktemp("recon"), ("group", "jiangxi"), NUMBERS)
    shipped = (etc_dir() / "lab/subscribers.toml").read_text()  # among them users of whom partners give no answer, on purpose
    lab.subscribers.write_text(lab.subscribers.read_text().removeprefix(shipped))
    try:
        lab.start()
        for name in ("group", "jiangxi"):
            lab.serve(name, **SETTLED)
        yield Field(lab)
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


def test_all_agree_when_nothing_was_planted(field):
    """Orders of every kind leave no difference with anybody."""
    field.holder(X, ISMP, NATIONAL_X, NATIONAL_ISMP)
    found = [
        field.run("xplatform", fresh=lambda: field.file("xplatform")), field.run("ismp"), field.run("group"),
        field.run("billing", fresh=lambda: field.file("billing")), field.run("ocs", fresh=lambda: field.file("ocs")),
        field.run("xplatform", fresh=lambda: field.file("xplatform", "group"), name="group"),
    ]  # fmt: skip
    assert [(code, rows(report)) for code, report in found] == [(0, set())] * 6


def test_x_platform(field):
    """X only, VSOP only, wrong product and wrong state are found, all of them and nothing else; after the repair there are none."""
    alone, lost, wrong, state, good = field.holder(), *(field.holder(X) for _ in range(4))
    field.plant("xplatform", alone, X)
    field.plant("xplatform", lost, X, "none")
    field.plant("xplatform", wrong, X, "none")
    field.plant("xplatform", wrong, X_BOX)
    field.plant("xplatform", state, X, "suspended")
    fresh = lambda: field.file("xplatform")  # noqa: E731
    code, found = field.run("xplatform", fresh=fresh)
    assert (code, rows(found)) == (
        1,
        {
            (alone, X, 1, "presence", "no-order"), (lost, X, 0, "presence", "activation-lost"),
            (wrong, X, 2, "product", "wrong-product"), (state, X, 2, "status", "wrong-state"),
        },
    )  # fmt: skip
    applied, _ = field.run("xplatform", *APPLY, fresh=fresh)
    again, _ = field.run("xplatform", fresh=fresh)
    held = [services(field.lab, "jiangxi", number) for number in (alone, lost, wrong, state, good)]
    assert (applied, again, held) == (0, 0, [{}, *[{X: "active"}] * 4])


def test_billing(field):
    """Billed and not active, active and not billed: both are found, and archived again."""
    billed, unbilled = field.holder(), field.holder(X)
    field.plant("billing", billed, X)
    field.plant("billing", unbilled, X, "none")
    fresh = lambda: field.file("billing")  # noqa: E731
    code, found = field.run("billing", fresh=fresh)
    assert (code, rows(found)) == (
        1, {(billed, X, 1, "presence", "no-order"), (unbilled, X, 0, "presence", "archive-lost")}
    )  # fmt: skip
    assert (field.run("billing", *APPLY, fresh=fresh)[0], field.run("billing", fresh=fresh)[0]) == (0, 0)


def test_ocs(field):
    """What OCS charges a prepaid user for, and he does not hold, is found and ended through billing's archive."""
    billed = field.holder()
    field.plant("billing", billed, X)
    fresh = lambda: field.file("ocs")  # noqa: E731
    assert rows(field.run("ocs", fresh=fresh)[1]) == {(billed, X, 1, "presence", "no-order")}
    assert (field.run("ocs", *APPLY, fresh=fresh)[0], field.run("ocs", fresh=fresh)[0]) == (0, 0)


def test_ismp(field):
    """What ISMP alone holds becomes a relation, archived and, if national, reported; what VSOP alone holds is ended."""
    alone, lost = field.holder(), field.holder(ISMP)
    field.plant("ismp", alone, NATIONAL_ISMP)
    field.plant("ismp", lost, ISMP, "none")
    code, found = field.run("ismp")
    assert (code, rows(found)) == (
        1, {(alone, NATIONAL_ISMP, 1, "presence", "report-lost"), (lost, ISMP, 0, "presence", "report-lost")}
    )  # fmt: skip
    assert (field.run("ismp", *APPLY)[0], field.run("ismp")[0]) == (0, 0)
    assert rows(field.run("group")[1]) == set()
    archived = [len(field.lab.stubs("jiangxi").ledger("archive", number=number)) for number in (alone, lost)]
    held = [active(field.lab, name, alone) for name in ("jiangxi", "group")]
    assert (archived, held, active(field.lab, "jiangxi", lost)) == ([1, 2], [{NATIONAL_ISMP}, {NATIONAL_ISMP}], set())


def test_undone_order_that_came_to_life_is_ended(field):
    """ISMP holds what VSOP's order failed to get: the tombstone says that it is to be ended, not kept."""
    number = next(field.numbers)
    with behaving(field.lab.stubs("jiangxi"), {"ismp.subActionFromVSOP": "refuse"}):
        placed = field.lab.stubs("jiangxi").act("portal", "order", {"number": number, "offer": ISMP})
        field.lab.settled("jiangxi", placed["order_id"])
    field.plant("ismp", number, ISMP)
    _, found = field.run("ismp")
    assert rows(found) == {(number, ISMP, 1, "presence", "failed-here")}
    assert (field.run("ismp", *APPLY)[0], field.run("ismp")[0], services(field.lab, "jiangxi", number)) == (0, 0, {})


def test_group(field):
    """What the group missed is reported again, and what it holds alone is reported as ended."""
    lost, alone = field.holder(NATIONAL_ISMP), field.holder()
    report(field.lab, lost, NATIONAL_ISMP, "6")
    report(field.lab, alone, NATIONAL_ISMP, "0")
    code, found = field.run("group")
    assert (code, rows(found)) == (
        1, {(lost, NATIONAL_ISMP, 0, "presence", "not-told"), (alone, NATIONAL_ISMP, 1, "presence", "no-order")}
    )  # fmt: skip
    assert (field.run("group", *APPLY)[0], field.run("group")[0]) == (0, 0)
    assert [active(field.lab, "group", number) for number in (lost, alone)] == [{NATIONAL_ISMP}, set()]


def report(lab, number, product, status):
    """Let the group hear something that its province never said."""
    head = lab.request(number)
    now = write_time(datetime.now(CHINA))
    answer = lab.client("group").service.subsInstSynToVSOP(
        StreamingNo=f"200{head['StreamingNo'][3:]}", TimeStamp=now, SystemId="200", OrderId=f"P{head['OrderId']}", ProdSpecCode="003",
        ProductNo=number, ChannelPlayerID="211",
        SubsInstInfo=[{"VProductID": product, "SPID": "35000002", "ProductOfferType": "0", "ProductOfferID": product, "Status": status,
                       "SubscribeTime": now, "EffDate": now, "ExpDate": now if status == "6" else "20300101000000"}],
    )  # fmt: skip
    assert answer.ResultCode == "0", answer


def test_national_platform_is_the_groups_to_compare(field):
    """A national X product that its platform lost is activated there again by the group."""
    number = field.holder(NATIONAL_X)
    field.plant("xplatform", number, NATIONAL_X, "none", "group")
    fresh = lambda: field.file("xplatform", "group")  # noqa: E731
    assert rows(field.run("xplatform", fresh=fresh, name="group")[1]) == {(number, NATIONAL_X, 0, "presence", "activation-lost")}
    codes = [field.run("xplatform", *more, fresh=fresh, name="group")[0] for more in (APPLY, ())]
    assert (codes, services(field.lab, "group", number)) == ([0, 0], {NATIONAL_X: "active"})


def test_daily_file(field):
    """The changes of a day, on both sides: what one of them did not hear of is found."""
    field.file("xplatform", monthly=False)
    lost, ended = field.holder(X), field.holder(X)
    field.plant("xplatform", lost, X, "none")
    placed = field.lab.stubs("jiangxi").act("portal", "order", {"number": ended, "offer": X, "action": "1"})
    field.lab.settled("jiangxi", placed["order_id"])
    field.plant("xplatform", ended, X)
    fresh = lambda: field.file("xplatform", monthly=False)  # noqa: E731
    _, found = field.run("xplatform", full=False, fresh=fresh)
    assert {row[:4] for row in rows(found)} >= {(lost, X, 0, "presence"), (ended, X, 1, "presence")}
    field.run("xplatform", *APPLY, full=False, fresh=fresh)
    assert field.run("xplatform", fresh=lambda: field.file("xplatform"))[0] == 0


def test_plan_that_is_applied_twice_does_nothing_twice(field):
    """A plan is carried out once, however often it is applied."""
    number = field.holder()
    field.plant("billing", number, X)
    plan = field.lab.directory / "plan.json"
    field.run("billing", "--plan", str(plan), fresh=lambda: field.file("billing"))
    apply = ("apply", str(plan), "--by", "auditor", "--why", "again")
    said = [field.command(*apply) for _ in range(2)]
    records = field.lab.stubs("jiangxi").ledger("archive", number=number)
    assert ([done.returncode for done in said], "begun before" in said[1].stdout, len(records)) == ([0, 0], True, 1)


def test_repair_names_who_and_why(field):
    """The order of a repair is found like any other; the log says who had it done and why, and no number."""
    number = field.holder()
    field.plant("billing", number, X)
    _, found = field.run("billing", *APPLY, fresh=lambda: field.file("billing"))
    leg = field.lab.admin("jiangxi").get(f"orders/{found['plan']}-1")
    log = [line for line in (field.lab.directory / "jiangxi.log").read_text().splitlines() if leg["order_id"] in line]
    begun = next(line for line in log if "repair.begun" in line)
    assert (leg["section"], leg["state"], "by=auditor" in begun, number in begun) == ("5.1", "10F", True, False)


def test_young_orders_are_left_alone(field):
    """What an order touched within fifteen minutes is told as in flight, and never repaired."""
    number = field.holder(X)
    field.plant("xplatform", number, X, "none")
    plan = field.lab.directory / "young.json"
    field.run("xplatform", "--plan", str(plan), fresh=lambda: field.file("xplatform"))
    field.lab.serve("jiangxi")  # as it is shipped
    try:
        done = field.command("run", "--date", today(), "--right", "xplatform", "--full", "--files", str(field.files), "--json")
        told = json.loads(done.stdout)
        applied = field.command("apply", str(plan), "--by", "auditor", "--why", "too early")
    finally:
        field.lab.serve("jiangxi", **SETTLED)
    flying = {row["number"] for row in told["rows"] if row["in_flight"]}
    held = services(field.lab, "jiangxi", number)
    assert (done.returncode, told["differences"], number in flying, applied.returncode, held) == (0, 0, True, 1, {})
    field.run("xplatform", *APPLY, fresh=lambda: field.file("xplatform"))


@pytest.mark.parametrize(
    ("damage", "line", "text"),
    [
        (lambda text: text[: len(text) // 2], None, "cut off"),
        (lambda text: text.replace("#0#", "#2#", 1), None, "checksum"),
        (lambda text: "\n".join([*text.splitlines()[:2], *text.splitlines()[3:], ""]), None, "checksum"),
        (lambda text: text.replace("\n", "\n七", 1), 2, "ASCII"),
    ],
)
def test_damaged_file_is_refused(field, damage, line, text):
    """Exit 2 with the file's name and line; nothing of it is used, and nothing is applied."""
    name = field.file("xplatform", damage=damage)
    done = field.command("run", "--date", today(), "--right", "xplatform", "--full", "--files", str(field.files), *APPLY)
    where = f"{name}:{line}:" if line else f"{name}:"
    assert (done.returncode, where in done.stderr, text in done.stderr, done.stdout) == (2, True, True, "")


def test_system_without_a_query_needs_its_file(field):
    """Exit 2 says that the contract has no query."""
    done = field.command("run", "--date", today(), "--right", "billing", "--full")
    assert (done.returncode, "no query" in done.stderr) == (2, True)


def test_own_files_are_whole(field):
    """What VSOP writes for the group is what the group's own view is compared with."""
    field.holder(NATIONAL_ISMP)
    out = field.lab.directory / "out"
    written = field.command("export", "--date", today(), "--for", "vsop:15", "--out", str(out), "--full", name="group").stdout.strip()
    done = field.command("run", "--date", today(), "--right", "group", "--full", "--files", str(out / "15"), "--json")
    told = json.loads(done.stdout)
    assert (written.endswith("R9.3-100-00-01.AVL"), told["differences"], told["compared"] > 0) == (True, 0, True)
