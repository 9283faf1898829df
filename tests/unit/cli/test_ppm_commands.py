"""`vsopgw ppm`, run in this process against the admin API of PPMs in this process."""

from __future__ import annotations

import json

import msgspec
import pytest
from click.testing import CliRunner
from ppm_office import GROUP, PpmOffice, product
from rig import Pending, run

from gateway.admin.ppm import resources
from gateway.admin.problems import Problem
from gateway.cli import ppm as commands
from gateway.cli.applications import check, entries
from gateway.cli.applying import BATCH, Applying
from gateway.cli.datafiles import DataMistakes
from gateway.cli.errors import CommandFailed, Unreachable
from gateway.cli.main import main
from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import ObjectKind
from gateway.errors import UNKNOWN_PARTNER
from gateway.resources import etc_dir
from gateway.steps import Reply

NORMAL, APPLIED, SUSPENDED, *_ = Status
PRODUCT = """
[[product]]
id = "{id}"
name_zh = "甲"
name_en = "Alpha"
sp = "SP1"
owner = "200"
platform = "303"
scope = "{scope}"
province = "{province}"
"""
OFFER = """
[[offer]]
id = "O9"
name_zh = "甲"
name_en = "Alpha"
products = ["P9"]
"""
SUSPEND = '[[state]]\nproduct = "{id}"\nstatus = "suspended"\n'


def a_product(id="P9", scope="provincial", province="15"):
    """A table of the file."""
    return PRODUCT.format(id=id, scope=scope, province=province)


class Direct:
    """The admin API of a PPM in this process, as the command line's client sees it."""

    def __init__(self, name, office) -> None:
        self.name, self.office = name, office
        self.calls = 0
        self.lost = 0
        """So many answers are lost on their way."""

    def get(self, path):
        try:
            return self._ask("GET", path, b"")
        except Problem as problem:
            if problem.status == 404:
                return None
            raise CommandFailed(f"{self.name}: {problem.text}", 1) from None

    def post(self, path, body):
        self.calls += 1
        try:
            answer = self._ask("POST", path, body)
        except Problem as problem:
            raise CommandFailed(f"{self.name}: {problem.text}", 1) from None
        if self.lost:
            self.lost -= 1
            raise Unreachable(f"{self.name}: no answer")
        return answer

    def _ask(self, method, path, body):
        kind, _, name = path.partition("/")
        return json.loads(msgspec.json.encode(run(resources(self.office.desk)[method, kind](name, body))))


class Away:
    """A gateway that does not run."""

    name = "away"

    def get(self, path):
        raise Unreachable("away: no answer")

    post = get


@pytest.fixture
def jiangxi():
    return Direct("jiangxi", PpmOffice())


@pytest.fixture
def group():
    return Direct("group", PpmOffice(GROUP))


@pytest.fixture
def command(monkeypatch, tmp_path, jiangxi, group):
    """Run `vsopgw ppm` with arguments against both PPMs, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "ppms", lambda files: {"35": group, "15": jiangxi})
    return lambda *arguments: CliRunner().invoke(main, ["ppm", *arguments])


@pytest.fixture
def file(tmp_path):
    """Write a file of applications; gives its path."""

    def write(*tables):
        path = tmp_path / "file.toml"
        path.write_text("".join(tables), encoding="utf-8")
        return path

    return write


# ---- the file ----------------------------------------------------------------------------------------------------------


def test_tables_are_read_one_by_one(file):
    """Each with its line, what it is, and whose PPM it is for."""
    path = file(
        "# a comment\n",
        a_product(),
        OFFER,
        SUSPEND.format(id="P9"),
        '[[state]]\noffer = "O9"\nstatus = "pre-cancelled"',
    )
    assert ([(e.line, e.what, e.province) for e in entries(path)], check(path)) == (
        [(3, "product P9", "15"), (13, "offer O9", ""), (18, "product P9 suspended", ""), (21, "offer O9 pre-cancelled", "")], 4,
    )  # fmt: skip


def test_empty_file(file):
    """Comments alone hold no application."""
    assert check(file("# nothing\n\n")) == 0


WRONG = {
    "state without an object": ('[[state]]\nstatus = "normal"\n', "file.toml:1: state: name one product or one offer"),
    "state with two objects": (
        '[[state]]\nproduct = "P1"\noffer = "O1"\nstatus = "normal"\n', "file.toml:1: state: name one product or one offer",
    ),
    "state without a status": ('[[state]]\nproduct = "P1"\n', "file.toml:1: state lacks status"),
    "unknown status": ('[[state]]\nproduct = "P1"\nstatus = "gone"\n', "file.toml:1: state: 'gone' is not a valid Status"),
    "id of another form": (
        '[[state]]\nproduct = "P 1"\nstatus = "normal"\n', "file.toml:1: state: product must be of the form [0-9A-Za-z._-]{1,25}",
    ),
    "unknown key": (SUSPEND.format(id="P1") + 'why = "x"\n', "file.toml:1: state has the unknown key why"),
    "product that lacks a key": (a_product().replace('owner = "200"\n', ""), "file.toml:2: product lacks owner"),
    "content partner": ("[[sp]]\n", "file.toml:1: content partners are not filed: load them by `vsopgw catalogue load`"),
    "unknown table": ("[[thing]]\n", "file.toml:1: unknown table [[thing]]; there are [[product]], [[offer]] and [[state]]"),
    "key before all tables": ("a = 1\n", "file.toml:1: a key stands before all tables"),
    "broken table": ("\n[[state]]\nproduct = \n", "file.toml:2: not TOML: Invalid value (at line 1, column 11), counted from here"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_file_with_a_mistake(file, tmp_path, case):
    """Each mistake is told with the line of its table."""
    text, expected = WRONG[case]
    with pytest.raises(DataMistakes) as told:
        check(file(text))
    assert str(told.value).replace(f"{tmp_path}/", "") == expected


def test_many_mistakes_at_once(file):
    """A person mends several in one go, but is not drowned in them."""
    with pytest.raises(DataMistakes) as told:
        check(file(*["[[state]]\n"] * 100))
    assert len(str(told.value).splitlines()) == 20


@pytest.mark.parametrize("content", [None, "甲".encode("gbk")])
def test_file_that_cannot_be_read(tmp_path, content):
    """One that is not there, and one in another encoding."""
    path = tmp_path / "file.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataMistakes):
        check(path)


# ---- apply -------------------------------------------------------------------------------------------------------------


def test_apply(command, file, jiangxi, group):
    """Each object goes to the PPM of its province, in the file's order; what the file does not place finds its way."""
    path = file(a_product(), OFFER, SUSPEND.format(id="P9"), a_product("N9", "national", "35"), SUSPEND.format(id="N1"))
    ended = command("apply", path.name)
    kept = (
        jiangxi.office.master("P9"),
        jiangxi.office.master("O9", ObjectKind.OFFER),
        group.office.master("N9"),
        group.office.master("N1"),
    )
    assert (ended.exit_code, ended.stdout, kept) == (
        0, "file.toml: 5 filed, 0 refused\n", ((SUSPENDED, 3), (NORMAL, 2), (NORMAL, 2), (SUSPENDED, 1)),
    )  # fmt: skip


def test_refused_application_is_told_with_its_line(command, file, jiangxi):
    """The others are filed; exit 1."""
    ended = command("apply", file(a_product("P1"), a_product()).name)
    first, last = ended.stdout.splitlines()
    assert (ended.exit_code, first.startswith("line 2: product P1: [4007] "), last, jiangxi.office.master("P9")) == (
        1, True, "file.toml: 1 filed, 1 refused", (NORMAL, 2),
    )  # fmt: skip


def test_unknown_object_is_refused_once(command, file):
    """All PPMs were asked; the last one's word counts."""
    ended = command("apply", file(SUSPEND.format(id="gone")).name)
    assert (ended.exit_code, ended.stdout.count("[4008]")) == (1, 1)


def test_resume(command, file):
    """A file that was filed in part is gone through again: what is there is passed over."""
    path = file(a_product(), a_product("P8"))
    command("apply", file(a_product()).name)
    file(a_product(), a_product("P8"))
    ended = command("apply", path.name, "--resume")
    assert (ended.exit_code, ended.stdout) == (0, "file.toml: 1 filed, 0 refused, 1 there already\n")


STATES = {
    "state that it is in": (SUSPEND.format(id="P1"), 0, "0 filed, 0 refused, 1 there already"),
    "other state": ('[[state]]\nproduct = "P1"\nstatus = "test"\n', 1, "0 filed, 1 refused, 0 there already"),
    "state of what PPM never changed": ('[[state]]\nproduct = "P4"\nstatus = "normal"\n', 1, "0 filed, 1 refused, 0 there already"),
}


@pytest.mark.parametrize("case", STATES)
def test_resume_of_a_change_of_state(command, file, jiangxi, case):
    """An object that is in the state that it shall have is passed over; any other illegal change is told."""
    text, code, expected = STATES[case]
    jiangxi.office.taken(jiangxi.office.state("P1", SUSPENDED))
    ended = command("apply", file(text).name, "--resume")
    assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (code, f"file.toml: {expected}")


def test_mistake_in_the_file_files_nothing(command, file, jiangxi):
    """The whole file is read before anything is sent; exit 2."""
    ended = command("apply", file(a_product(), "[[state]]\n").name)
    assert (ended.exit_code, jiangxi.calls, "file.toml:11: state" in ended.stderr) == (2, 0, True)


def test_thousands_are_told_on_the_way(command, file):
    """A line for every so many, and the sum at the end."""
    ended = command("apply", file(*[a_product(f"Q{n}") for n in range(1001)]).name)
    assert ended.stdout.splitlines() == [
        "500 of 1001: 500 filed, 0 refused", "1000 of 1001: 1000 filed, 0 refused", "file.toml: 1001 filed, 0 refused",
    ]  # fmt: skip


# ---- waiting -----------------------------------------------------------------------------------------------------------


class Watch:
    """Time that passes by sleeping; what is due then happens."""

    def __init__(self, *acts) -> None:
        self.now, self.acts = 0.0, list(acts)

    def sleep(self, seconds):
        self.now += seconds
        if self.acts:
            self.acts.pop(0)()


def applying(client, watch, **more):
    """One run, with the lines that it tells."""
    lines = []
    run_ = Applying({"15": client}, "F", 10, lines.append, sleep=watch.sleep, clock=lambda: watch.now, **more)
    return run_, lines


def test_busy_gateway_is_waited_for(file, jiangxi):
    """Nothing is lost and nothing is filed twice."""
    desk = jiangxi.office.desk
    free, busy = desk.engine, jiangxi.office.rig.build(max_active=0)
    desk.engine = busy
    watch = Watch(lambda: None, lambda: setattr(desk, "engine", free))
    run_, lines = applying(jiangxi, watch)
    run_.run(entries(file(a_product(), a_product("P8"))), 2)
    assert (run_.filed, lines, jiangxi.calls, round(watch.now, 1)) == (2, [], 3, 0.3)


def test_gateway_that_stays_busy(file, jiangxi):
    """After the time that is allowed the run ends, and says how far it came."""
    jiangxi.office.desk.engine = jiangxi.office.rig.build(max_active=0)
    run_, _ = applying(jiangxi, Watch())
    with pytest.raises(CommandFailed) as told:
        run_.run(entries(file(a_product())), 1)
    assert (told.value.exit_code, told.value.message) == (
        3, "jiangxi: busy for 10 seconds\n0 of 1 had their answer; go on with --resume",
    )  # fmt: skip


def test_object_that_is_busy_is_waited_for(file, jiangxi):
    """A change of state waits for the publication that went before it; what follows keeps its place."""
    gate = Pending()
    jiangxi.office.partners.answer("test-vsop:15", gate)
    now = jiangxi.office.rig.clock.now()
    run_, lines = applying(jiangxi, Watch(lambda: gate.settle(Reply(now))))
    run_.run(entries(file(a_product(), SUSPEND.format(id="P9"), a_product("P8"))), 3)
    assert (run_.filed, lines, jiangxi.office.master("P9")) == (3, [], (SUSPENDED, 3))


def test_object_that_stays_busy(file, jiangxi):
    """It is told as refused, and the run goes on."""
    jiangxi.office.partners.answer("test-vsop:15", Pending())
    run_, lines = applying(jiangxi, Watch())
    run_.run(entries(file(a_product(), SUSPEND.format(id="P9"), a_product("P8"))), 3)
    assert (run_.filed, run_.refused, lines[0].startswith("line 11: product P9 suspended: [4013] ")) == (2, 1, True)


def test_lost_answer(file, jiangxi):
    """The command ends, telling how to go on; what was filed is passed over then."""
    jiangxi.lost = 1
    path = file(a_product())
    run_, _ = applying(jiangxi, Watch())
    with pytest.raises(CommandFailed) as told:
        run_.run(entries(path), 1)
    again, _ = applying(jiangxi, Watch(), resume=True)
    again.prefix = "G"
    again.run(entries(path), 1)
    assert (told.value.exit_code, again.passed_over) == (3, 1)


def test_batches(file, jiangxi):
    """So many applications travel in one call, whatever is in the file."""
    run_, _ = applying(jiangxi, Watch())
    run_.run(entries(file(*[a_product(f"Q{n}") for n in range(2 * BATCH + 1)])), 2 * BATCH + 1)
    assert (run_.filed, jiangxi.calls) == (2 * BATCH + 1, 3)


# ---- audit -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(jiangxi, command):
    """A PPM of a person's, with one application that waits."""
    jiangxi.office = PpmOffice(held=True)
    jiangxi.office.taken(jiangxi.office.application(product(sp="SP2"), ApplicationId="A-1"))
    return jiangxi.office


def test_audit_list(command, waiting):
    """What waits, and what the rules say against it."""
    ended = command("audit", "list")
    assert (ended.exit_code, "product added P9" in ended.stdout, "(201 A-1)" in ended.stdout, "the rules object: " in ended.stdout) == (
        0, True, True, True,
    )  # fmt: skip


def test_audit_list_as_json(command, waiting):
    """The same for programs, with the PPM where it waits."""
    (row,) = json.loads(command("audit", "list", "-o", "json").stdout)
    assert (row["ppm"], row["application"], row["object"]) == ("jiangxi", "A-1", "P9")


def test_audit_list_of_nothing(command):
    """A person is told so."""
    assert command("audit", "list").stdout == "nothing waits for an audit\n"


def test_audit_approve(command, waiting):
    """By CRM's ApplicationId; the PPM where it waits is found."""
    ended = command("audit", "approve", "A-1")
    assert (ended.exit_code, waiting.master("P9")) == (0, (NORMAL, 2))


def test_audit_reject(command, waiting):
    """By our id, with a reason that CRM is told."""
    (row,) = json.loads(command("audit", "list", "-o", "json").stdout)
    ended = command("audit", "reject", row["id"], "--why", "no price")
    assert (ended.exit_code, waiting.master("P9")) == (0, (Status.CANCELLED, 0))


def test_audit_reject_without_a_reason(command, waiting):
    """CRM must be told something."""
    assert command("audit", "reject", "A-1").exit_code == 2


def test_audit_of_nothing(command):
    """An application that does not wait ends with exit 1."""
    ended = command("audit", "approve", "A-1")
    assert (ended.exit_code, ended.stderr) == (1, "no application A-1 waits for an audit\n")


def test_audit_of_two_applications_of_one_name(command, waiting, group):
    """CRMs number by themselves: then our id must be given."""
    waiting.taken(waiting.application(product("P8"), ApplicationId="A-1", system="101"))
    ended = command("audit", "approve", "A-1")
    assert (ended.exit_code, "name it by its id" in ended.stderr) == (1, True)


# ---- ledger ------------------------------------------------------------------------------------------------------------


def test_status(command, jiangxi):
    """PPM's own state, and a line for each cell."""
    office = jiangxi.office
    office.partners.answer("sync", Reply(office.rig.clock.now(), UNKNOWN_PARTNER.code))
    office.taken(office.application(product()))
    assert command("status", "product", "P9").stdout.splitlines() == [
        "product P9 at jiangxi: version 2, normal",
        "  target         version  status  state      code                          time",
        "  crm            2        normal  delivered  0                             2026-11-23 12:00:00",
        "  ocs            2        normal  delivered  0                             2026-11-23 12:00:00",
        "  vsop:15        2        normal  refused    4005 unknown content partner  2026-11-23 12:00:00",
        "  xplatform:303  2        normal  delivered  0                             2026-11-23 12:00:00",
    ]


def test_status_before_publication(command, jiangxi):
    """Nobody was told yet."""
    jiangxi.office.partners.answer("test-vsop:15", Pending())
    jiangxi.office.taken(jiangxi.office.application(product()))
    assert command("status", "product", "P9").stdout == "product P9 at jiangxi: version 1, test\n  told to nobody yet\n"


def test_status_as_json(command, jiangxi):
    """By PPM."""
    jiangxi.office.taken(jiangxi.office.application(product()))
    found = json.loads(command("status", "product", "P9", "-o", "json").stdout)
    assert (list(found), len(found["jiangxi"]["cells"])) == (["jiangxi"], 4)


def test_status_of_nothing(command):
    """An object that no PPM has ends with exit 1."""
    ended = command("status", "offer", "gone")
    assert (ended.exit_code, ended.stderr) == (1, "no offer gone at group, jiangxi\n")


def test_resend_command(command, jiangxi):
    """One cell is delivered again."""
    office = jiangxi.office
    office.partners.answer("sync", Reply(office.rig.clock.now(), UNKNOWN_PARTNER.code))
    office.taken(office.application(product()))
    ended = command("resend", "product", "P9", "vsop:15")
    states = {state for *_, state in office.cells("P9")}
    assert (ended.exit_code, ended.stdout.startswith("product P9 version 2 (normal) to vsop:15: delivery "), states) == (
        0, True, {"delivered"},
    )  # fmt: skip


def test_resend_to_who_never_got_it(command, jiangxi):
    """Exit 1, and the reason."""
    jiangxi.office.taken(jiangxi.office.application(product()))
    ended = command("resend", "product", "P9", "billing")
    assert (ended.exit_code, ended.stderr) == (1, "jiangxi: product P9 was never told to billing\n")


def test_one_ppm_is_away(command, jiangxi, monkeypatch):
    """What the others have is shown, and who is missing is told."""
    jiangxi.office.taken(jiangxi.office.application(product()))
    monkeypatch.setattr(commands, "ppms", lambda files: {"35": Away(), "15": jiangxi})
    ended = command("status", "product", "P9")
    assert (ended.exit_code, ended.stderr, "at jiangxi" in ended.stdout) == (0, "away: no answer\n", True)


# ---- which PPMs --------------------------------------------------------------------------------------------------------


def test_ppms_of_the_lab(tmp_path, monkeypatch):
    """By province."""
    monkeypatch.chdir(tmp_path)
    assert {province: client.name for province, client in commands.ppms(()).items()} == {
        "35": "group", "15": "jiangxi", "21": "guangxi",
    }  # fmt: skip


def test_gateways_that_serve_no_ppm(tmp_path):
    """A configuration without PPM is a mistake of the caller, exit 2."""
    config = tmp_path / "one.toml"
    config.write_text(f'[gateway]\ntier = "group"\n[numbers]\nplan = "{etc_dir()}/numbers.toml"\n')
    ended = CliRunner().invoke(main, ["ppm", "audit", "list", "-c", str(config)])
    assert (ended.exit_code, "[ppm] serve" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments", [("audit", "list"), ("status", "product", "P9"), ("resend", "product", "P9", "ocs")]
)
def test_nobody_runs_ppm(tmp_path, monkeypatch, arguments):
    """Without a running gateway: exit 3."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["ppm", *arguments]).exit_code == 3
