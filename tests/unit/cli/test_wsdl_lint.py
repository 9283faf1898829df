"""`vsopgw wsdl lint`: what is printed, in which form, and how it ends."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner
from lxml import etree

from gateway.cli.main import main
from gateway.resources import contracts_dir

WSDL = contracts_dir()
MESSAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 99\r\n\r\n"
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>\n'
)


def lint(*arguments):
    """Run the command; gives exit code and output."""
    done = CliRunner().invoke(main, ["wsdl", "lint", *map(str, arguments)])
    return done.exit_code, done.stdout


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Give the portal's contract with one endless repetition, in the directory where we are."""
    for name in ("portal.wsdl", "xsd/portal.xsd", "xsd/vas-types.xsd"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(WSDL / name, tmp_path / name)
    schema = tmp_path / "xsd/portal.xsd"
    schema.write_text(schema.read_text().replace('maxOccurs="20"', 'maxOccurs="unbounded"'))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "portal.wsdl"


def test_clean_contracts():
    """Exit 0 and one line."""
    assert lint(WSDL) == (0, f"{len([*WSDL.rglob('*.wsdl'), *WSDL.rglob('*.xsd')])} files, 0 findings\n")


def test_finding_as_text(broken):
    """Exit 1; file, line, rule, both languages, source."""
    code, output = lint(broken)
    assert (code, output.splitlines()) == (1, [
        "xsd/portal.xsd:20: H8 every maxOccurs has a number: ResultInfo | maxOccurs须是数字 (wsdl/README.md)",
        "3 files, 1 finding",
    ])  # fmt: skip


def test_finding_as_json(broken):
    """The same, under names."""
    code, output = lint(broken, "--format", "json")
    (finding,) = json.loads(output)["findings"]
    assert (code, finding["path"], finding["line"], finding["rule"], finding["what"]) == (1, "xsd/portal.xsd", 20, "H8", "ResultInfo")


def test_finding_as_junit(broken):
    """A case for each file; the one with findings has failed."""
    code, output = lint(broken, "--format", "junit")
    suite = etree.fromstring(output)
    failed = [case.get("name") for case in suite if len(case)]
    assert (code, suite.get("tests"), suite.get("failures"), failed) == (1, "3", "1", ["xsd/portal.xsd"])


def test_contract_of_a_partner_is_held_to_the_profile_alone(broken):
    """An endless repetition is no matter of WS-I."""
    assert lint(broken, "--scope", "wsi") == (0, "3 files, 0 findings\n")


def test_captured_messages(tmp_path):
    """Exit 1 for what the profile forbids, exit 0 for what it lets pass."""
    path = tmp_path / "one.http"
    path.write_bytes(MESSAGE)
    code, output = lint("--messages", path)
    assert (code, output.splitlines()[0].partition(": ")[2][:5], output.splitlines()[1]) == (1, "R1014", "1 message, 1 finding")


def test_captured_message_is_held_to_its_contract(tmp_path):
    """With the contract at hand its schema is asked as well."""
    path = tmp_path / "one.http"
    path.write_bytes(MESSAGE.replace(b"<a/>", b'<a xmlns="urn:"/>').replace(b"99", b"112"))
    assert lint("--messages", path)[0] == 0
    assert "R2712" in lint("--messages", path, "--contract", WSDL / "portal.wsdl")[1]


@pytest.mark.parametrize(
    "arguments",
    [("none.wsdl",), ("--contract", "x.wsdl", "y.wsdl"), ("--messages", "none.http"), ("--messages", "a", "--contract", "none.wsdl"), ()],
)  # fmt: skip
def test_input_that_cannot_be_judged(arguments):
    """Exit 2, nothing on the output that could be taken for a result."""
    assert lint(*arguments) == (2, "")
