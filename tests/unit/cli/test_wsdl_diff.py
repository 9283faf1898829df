"""`vsopgw wsdl diff`: what is printed, and how it ends."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.resources import contracts_dir

WSDL = contracts_dir()


def diff(*arguments):
    """Run the command; gives exit code and output."""
    done = CliRunner().invoke(main, ["wsdl", "diff", *map(str, arguments)])
    return done.exit_code, done.stdout


@pytest.fixture
def changed(tmp_path):
    """Give a copy of all contracts, and what changes a schema of it."""
    shutil.copytree(WSDL, tmp_path / "wsdl")

    def change(old, new, name="portal.xsd"):
        path = tmp_path / "wsdl/xsd" / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        return tmp_path / "wsdl"

    return change


def test_same_contracts():
    """Exit 0, and nothing is said."""
    assert diff(WSDL, WSDL) == (0, "0 changes, 0 breaking\n")


def test_additive_change(changed):
    """More of what a caller sends may repeat: exit 0."""
    directory = changed('maxOccurs="20"', 'maxOccurs="30"')
    line = "additive  portal subResultFromVSOP request ResultInfo: maxOccurs 20 became 30\n1 change, 0 breaking\n"
    assert diff(WSDL / "portal.wsdl", directory / "portal.wsdl") == (0, line)


def test_breaking_change(changed):
    """Exit 1; it stands first."""
    directory = changed('maxOccurs="20"', 'maxOccurs="10"')
    line = "BREAKING  portal subResultFromVSOP request ResultInfo: maxOccurs 20 became 10\n1 change, 1 breaking\n"
    assert diff(WSDL, directory) == (1, line)


def test_change_as_json(changed):
    """The same, under names."""
    code, output = diff(WSDL, changed('maxOccurs="20"', 'maxOccurs="10"'), "--format", "json")
    (change,) = json.loads(output)["changes"]
    assert (code, change["contract"], change["operation"], change["direction"], change["field"], change["breaking"]) == (
        1, "portal", "subResultFromVSOP", "request", "ResultInfo", True,
    )  # fmt: skip


def test_contract_that_is_gone_breaks(changed):
    """One that is new does not."""
    directory = changed("", "")
    for name in ("portal.wsdl", "portal.soap12.wsdl"):
        (directory / name).unlink()
    assert (diff(WSDL, directory)[0], diff(directory, WSDL)[0]) == (1, 0)


@pytest.mark.parametrize("arguments", [("none.wsdl", WSDL / "vsop.wsdl"), (WSDL / "examples", WSDL), (WSDL, WSDL / "vsop.wsdl"), (WSDL,)])
def test_input_that_cannot_be_read(arguments):
    """Exit 2, no result."""
    assert diff(*arguments) == (2, "")
