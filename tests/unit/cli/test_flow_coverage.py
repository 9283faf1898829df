"""Coverage of the seed's steps by end-to-end tests: the file that tests write, and what the command tells of it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli.flow_coverage import Coverage, shares, strangers
from gateway.cli.main import main
from gateway.flows.sections import SECTIONS

SEED = [section for section in SECTIONS.values() if section.in_seed]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "build" / "coverage.json"


def everything():
    return {section.id: {number: ["t"] for number in section.numbers} for section in SEED}


def told(file, seen, *options):
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(seen), encoding="utf-8")
    return CliRunner().invoke(main, ["flows", "coverage", "--file", str(file), *options])


def test_steps_are_recorded(file):
    """A test's steps stand under its section, in a directory that is made if there is none."""
    Coverage(file).record("4.1.1", ["2b", "2a"], "one")
    assert json.loads(file.read_text()) == {"4.1.1": {"2a": ["one"], "2b": ["one"]}}


def test_others_records_stay(file):
    """What one process wrote is kept by the next; the same test is noted once."""
    for test, numbers in (("one", ["2a"]), ("two", ["2a", "2b"]), ("one", ["2a"])):
        Coverage(file).record("4.1.1", numbers, test)
    Coverage(file).record("2.1", ["1"], "three")
    assert Coverage(file).read() == {"2.1": {"1": ["three"]}, "4.1.1": {"2a": ["one", "two"], "2b": ["two"]}}


def test_no_draft_is_left(file):
    """The file is replaced as a whole."""
    Coverage(file).record("4.1.1", ["2a"], "one")
    assert [path.name for path in file.parent.iterdir()] == ["coverage.json"]


def test_clear(file):
    """A new run begins with nothing; clearing nothing is no mistake."""
    coverage = Coverage(file)
    coverage.record("4.1.1", ["2a"], "one")
    coverage.clear()
    coverage.clear()
    assert coverage.read() == {}


def test_share_of_a_section():
    """Steps that nobody saw are named in the section's order; steps of ours and steps without a test do not count."""
    seen = {"4.1.2": {"1": ["t"], "2a": ["t"], "2b": [], "+3e": ["t"]}}
    share = next(s for s in shares(seen) if s.section.id == "4.1.2")
    assert (share.covered, share.total, share.missing) == (2, 9, ("2b", "2c", "2d", "3a", "3b", "3c", "3d"))


def test_sections_of_ours_are_not_asked_for():
    """Only the seed's sections must be covered."""
    assert [share.section for share in shares({})] == SEED


def test_strangers():
    """What the code no longer has is named; numbers of ours are known."""
    assert strangers({"4.1.2": {"+3e": ["t"], "7x": ["t"]}, "9.9": {"1": ["t"]}}) == ["4.1.2 7x", "9.9 1"]


def test_everything_covered(file):
    """Exit 0, a line for each section."""
    ended = told(file, everything())
    assert (ended.exit_code, len(ended.output.splitlines()), ended.output.splitlines()[0]) == (
        0,
        len(SEED),
        "2.1    16/16",
    )


def test_step_not_covered(file):
    """Exit 1, and the step is named."""
    seen = everything()
    del seen["4.1.1"]["2f"]
    ended = told(file, seen)
    assert (ended.exit_code, "4.1.1  9/10; not seen: 2f" in ended.output) == (1, True)


def test_less_may_be_asked_for(file):
    """A lower share passes where it is said to be enough."""
    seen = everything()
    del seen["4.1.1"]["2f"]
    assert told(file, seen, "--min", "90").exit_code == 0


@pytest.mark.parametrize("text", [None, "{"])
def test_no_usable_file(file, text):
    """No file, or one that is not JSON, is a matter of usage."""
    file.parent.mkdir()
    if text is not None:
        file.write_text(text)
    assert CliRunner().invoke(main, ["flows", "coverage", "--file", str(file)]).exit_code == 2
