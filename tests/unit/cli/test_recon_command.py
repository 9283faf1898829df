"""`vsopgw recon`: exit codes, what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from office import ISMP, USER
from recon_office import ReconOffice, province

from gateway.cli import recon
from gateway.cli.errors import Unreachable
from gateway.cli.main import main
from gateway.errors import Temporary

RUN = ("run", "--date", "2026-11-23", "--right", "ismp", "--full")
WHO = ("--by", "auditor", "--why", "nightly")


@pytest.fixture
def jiangxi(monkeypatch) -> ReconOffice:
    """A gateway that the command speaks to; its user holds what ISMP holds."""
    office = province()
    office.desk.settle = timedelta(0)
    office.hold(ISMP)
    office.at_ismp = {USER: [(ISMP, "0")]}
    office.rig.clock.advance(3600)
    monkeypatch.setattr(recon, "_client", lambda file: office.client)
    return office


def command(*arguments):
    done = CliRunner().invoke(main, ["recon", *map(str, arguments)])
    return done.exit_code, done.output


def test_sides_that_agree(jiangxi):
    """Exit 0."""
    code, said = command(*RUN)
    assert (code, "no differences" in said) == (0, True)


def test_difference(jiangxi):
    """Exit 1; nothing is repaired without being told to."""
    jiangxi.at_ismp = {}
    code, said = command(*RUN)
    assert (code, "0 extra in VSOP" in said, "line 1, for no 1: end" in said, jiangxi.rig.partners.sent) == (1, True, True, [])


def test_apply_then_run_again(jiangxi):
    """Exit 0 when all was repaired, and again in the next run."""
    jiangxi.at_ismp = {}
    first = command(*RUN, "--apply", *WHO)
    jiangxi.rig.clock.advance(1)
    assert (first[0], "1 repairs done, 0 not" in first[1], command(*RUN)[0]) == (0, True, 0)


def test_user_who_could_not_be_compared(jiangxi):
    """Exit 1: nobody knows that all agree."""
    jiangxi.at_ismp["18907910007"] = Temporary("ismp:204", "refused")
    assert command(*RUN)[0] == 1


def test_report_and_plan(jiangxi, tmp_path):
    """Both are written; the plan is applied later, and a second time without effect."""
    jiangxi.at_ismp = {}
    report, plan = tmp_path / "report.json", tmp_path / "plan.json"
    command(*RUN, "--report", report, "--plan", plan)
    told = json.loads(report.read_text())
    codes = [command("apply", plan, *WHO)[0] for _ in range(2)]
    assert (told["differences"], told["rows"][0]["number"], codes) == (1, USER, [0, 0])
    assert jiangxi.rig.partners.names() == ["archive"]


def test_json(jiangxi):
    """Standard output is one document, whatever is applied beside it."""
    jiangxi.at_ismp = {}
    done = CliRunner().invoke(main, ["recon", *RUN, "--json", "--apply", *WHO])
    assert (json.loads(done.stdout)["classes"], "repairs done" in done.stderr) == ({"0": 1, "1": 0, "2": 0}, True)


def test_failed_repair(jiangxi):
    """Exit 1."""
    jiangxi.at_ismp = {}
    jiangxi.rig.partners.answer("activate", jiangxi.refused(ISMP))
    assert command(*RUN, "--trust", "vsop", "--apply", *WHO)[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--date", "2026-11-31", "--right", "ismp"), ("run", "--date", "2026-11-23", "--right", "nothing"),
        (*RUN, "--apply", "--by", "auditor"), (*RUN, "--apply", "--why", "nightly"), (*RUN, "--left", "ismp"),
        ("run", "--date", "2026-11-23", "--right", "billing"), ("apply", "nowhere.json", *WHO),
        ("export", "--date", "2026-11-23", "--for", "nothing", "--out", "out"),
        ("export", "--date", "2026-11-23", "--for", "vsop:15", "--out", "out"),
    ],
)  # fmt: skip
def test_usage(jiangxi, arguments):
    """Exit 2, and nothing is repaired."""
    assert (command(*arguments)[0], jiangxi.rig.partners.sent) == (2, [])


def test_partner_that_is_away(jiangxi):
    """Exit 3: that is no difference."""
    jiangxi.at_ismp = {user: Temporary("ismp:204", "away") for user in jiangxi.client.get("recon/users")["rows"]}
    code, said = command(*RUN)
    assert (code, "ismp:204 gave no answer" in said) == (3, True)


def test_gateway_that_refuses(jiangxi, monkeypatch):
    """Exit 3 as well: exit 1 says that something was compared and differs."""
    monkeypatch.setattr(jiangxi.client, "get", lambda path: jiangxi.client._judged(500, {"error": "internal error"}))
    assert command(*RUN)[0] == 3


def test_gateway_that_is_away(jiangxi, monkeypatch):
    """Exit 3."""

    def away(path):
        raise Unreachable("no answer")

    monkeypatch.setattr(jiangxi.client, "get", away)
    assert command(*RUN)[0] == 3


def test_export(jiangxi, tmp_path):
    """The names of the files that were written."""
    code, said = command("export", "--date", "20261123", "--for", "ismp:204", "--out", tmp_path, "--full")
    assert (code, said.strip()) == (0, str(tmp_path / "204" / "I-202611-VSOP R8.2.2-200-00-01.AVL"))


def test_group_needs_its_configuration(jiangxi, tmp_path):
    """Exit 2 where another gateway than the lab's is compared, and the group's is not named."""
    assert command("run", "--date", "2026-11-23", "--right", "group", "-c", tmp_path / "other.toml")[0] == 2
