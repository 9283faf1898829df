"""`vsopgw soapui`: exit codes, what is said of broken projects, and the export."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from soapui_rig import assertion, case, project, request, step

from gateway.cli.main import main

TESTS = Path(__file__).parents[2]


def soapui(*arguments):
    """Run the command."""
    return CliRunner().invoke(main, ["soapui", *map(str, arguments)])


def write(tmp_path, text):
    """Write a project."""
    path = tmp_path / "p.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def nowhere():
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_broken_project_is_exit_2(tmp_path):
    """File, line and reason, in one line."""
    path = write(tmp_path, project(case("C", "\n", request("R"))).replace("<con:interface>B<", "<con:interface>X<"))
    result = soapui("run", path)
    assert (result.exit_code, result.output) == (2, f"{path}:3: step R: the project has no WSDL interface X; there are: B\n")


def test_document_type_is_refused(tmp_path):
    """A project that would read a file of this machine is not read."""
    path = write(tmp_path, "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>")
    assert (soapui("run", path).exit_code, soapui("run", path).output) == (2, f"{path}:1: a document type (DTD) is not allowed\n")


def test_nobody_there_is_exit_3(tmp_path, nowhere):
    """Reports are written all the same."""
    path = write(tmp_path, project(case("C", request("R", "<a/>", assertion("SOAP Response")))))
    result = soapui("run", path, "-e", nowhere, "--out", tmp_path / "o")
    assert (result.exit_code, f"{nowhere}: the connection was refused" in result.output) == (3, True)
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["S-C-R-0-FAILED.txt", "TEST-S.xml", "report.html", "results.json"]


def test_what_is_not_run_is_exit_1_unless_allowed(tmp_path):
    """And is listed either way."""
    path = write(tmp_path, project(case("C", step("groovy", "G"))))
    results = [soapui("run", path), soapui("run", path, "--allow-skipped")]
    assert [result.exit_code for result in results] == [1, 0]
    assert ["not run: step G: steps of type groovy are not run" in result.output for result in results] == [True, True]


@pytest.mark.parametrize(("arguments", "says"), [
    (("-s", "T"), "no test suite T in project P; there are: S"), (("-c", "D"), "no test case D; there are: C"),
    (("-e", "gw:7001"), "-e gw:7001: expected an http or https address, such as http://127.0.0.1:7001"),
    (("-P", "x"), "-P x: expected NAME=VALUE"), (("--ca", "none.pem"), "--ca none.pem: is no file of CA certificates in PEM"),
])  # fmt: skip
def test_wrong_use_is_exit_2(tmp_path, arguments, says):
    """It says what there is, or what was expected."""
    result = soapui("run", write(tmp_path, project(case("C"))), *arguments)
    assert (result.exit_code, says in result.output) == (2, True)


def test_export_brings_its_contracts_along(tmp_path):
    """Without --definitions the project stands beside copies of its WSDL and schemas."""
    result = soapui("export", "ocs", "--out", tmp_path)
    text = (tmp_path / "ocs-soapui-project.xml").read_text(encoding="utf-8")
    assert (result.exit_code, 'definition="${projectDir}/wsdl/ocs.wsdl"' in text) == (0, True)
    assert sorted(path.name for path in (tmp_path / "wsdl").rglob("*.*")) == ["ocs.soap12.wsdl", "ocs.wsdl", "ocs.xsd", "vas-types.xsd"]


def test_export_is_what_is_kept(tmp_path):
    """`vsopgw soapui export --definitions ../../wsdl` writes the files of tests/soapui, byte for byte."""
    assert soapui("export", "--out", tmp_path, "--definitions", "../../wsdl").exit_code == 0
    kept = {path.name: path.read_bytes() for path in (TESTS / "soapui").glob("*.xml")}
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.xml")} == kept


@pytest.mark.parametrize(("arguments", "says"), [
    (("crm",), "no contract suite crm; there are: vsop, ismp, ppm, ocs"), (("--definitions", "/wsdl"), "must be relative to --out"),
])  # fmt: skip
def test_export_refuses(tmp_path, arguments, says):
    """What it cannot write in a way that works elsewhere."""
    result = soapui("export", "--out", tmp_path, *arguments)
    assert (result.exit_code, says in result.output) == (2, True)
