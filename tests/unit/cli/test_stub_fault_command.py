"""`vsopgw stub fault`: the catalogue, what is wrong with a rule before it is sent, and a set that does not answer."""

from __future__ import annotations

import json
import socket

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from stubs.faults.catalogue import FAULTS


def run(*words):
    """Give exit code and text."""
    done = CliRunner().invoke(main, ["stub", "fault", *words])
    return done.exit_code, done.output


def test_list_has_every_fault():
    """One line for each, in both languages."""
    code, text = run("list")
    assert (code, [line.split()[0] for line in text.splitlines()]) == (0, list(FAULTS))


def test_list_of_one_tells_its_parameters():
    """With their ranges."""
    code, text = run("list", "truncate")
    assert (code, "after=50  a number from 0 to 99 %" in text) == (0, True)


def test_list_as_json():
    """For programs."""
    _, text = run("list", "-o", "json")
    assert [one["name"] for one in json.loads(text)] == list(FAULTS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "hnag"], "there is no hnag"),
        (["set"], "give either the NAME of a fault or --file"),
        (["set", "delay", "seconds"], "seconds: expected name=value"),
        (["set", "--file", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
    ids=["unknown", "nothing", "word", "file"],
)
def test_usage(words, said):
    """Exit 2 with what was expected."""
    code, text = run(*words)
    assert (code, said in text) == (2, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[faults]]\nfault = "delay"\nsecnds = 2\n\n[[faults]]\nfault = "hnag"\n', ["3", "6"]),
        ("[[fault]]\n", ["1"]),
        ("", ["1"]),
    ],
    ids=["rules", "table", "empty"],
)
def test_mistakes_of_a_file(tmp_path, text, told):
    """All of them, each with its line; nothing is sent."""
    file = tmp_path / "faults.toml"
    file.write_text(text)
    code, said = run("set", "--file", str(file))
    assert (code, [line.removeprefix(f"{file}:").split(":")[0] for line in said.splitlines()]) == (2, told)


def test_no_set_there():
    """Exit 3."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        code, text = run("show", "--stub", f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert (code, "no answer (connection refused)" in text) == (3, True)


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"\n[[faults]\n", "2: not TOML: "), (b"[[faults]]\nfault = ", "2: not TOML: "), (b"\xdd", "1: not UTF-8")],
    ids=["header", "cut off", "bytes"],
)
def test_a_file_that_is_no_toml(tmp_path, data, told):
    """File, line and reason."""
    file = tmp_path / "faults.toml"
    file.write_bytes(data)
    code, said = run("set", "--file", str(file))
    assert (code, said.startswith(f"{file}:{told}"), "(at " in said) == (2, True, False)


def test_a_wrong_address():
    """Exit 2, as for the other commands of a set."""
    code, said = run("show", "--url", "7115")
    assert (code, said) == (2, "--url 7115: expected an address such as http://127.0.0.1:7115\n")
