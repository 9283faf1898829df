"""`vsopgw samples`: what it prints and writes, and how it refuses."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli.main import main


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run `vsopgw samples` in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["samples", *arguments])


def test_list_names_operation_and_address(command):
    """Each line is a contract, an operation and where the lab serves it."""
    lines = command("list", "ocs").output.splitlines()
    assert lines[0].split() == ["ocs", "feeCheck", "http://127.0.0.1:7115/services/ocs"]


@pytest.mark.parametrize("form", ["xml", "curl", "zeep", "soapui"])
def test_show_writes_each_form(command, form):
    """Every form holds the number of the lab's user, and the address where it has one."""
    done = command("show", "vsop", "subscribeToVSOP", "--form", form, "--url", "http://127.0.0.1:1/x")
    assert (done.exit_code, "18907910001" in done.output, "http://127.0.0.1:1/x" in done.output) == (0, True, form != "xml")


def test_show_answer(command):
    """--answer gives the answer."""
    assert "<c:subscribeToVSOPResponse>" in command("show", "vsop", "subscribeToVSOP", "--answer").output


def test_set_reaches_inner_fields(command):
    """--set changes a field, also one inside another."""
    done = command("show", "vsop", "subscribeToVSOP", "--set", "ProductNo=18907910009", "--set", "ProductOfferInfo/ProductOfferID=A1")
    assert ("<c:ProductNo>18907910009<" in done.output, "<c:ProductOfferID>A1<" in done.output) == (True, True)


REFUSED = [
    (("show", "vsop", "subscribeToVSOP", "--form", "curl", "--answer"), "--answer is written as XML"),
    (("show", "vsop", "subscribeToVSOP", "--url", "7001"), "--url 7001: expected an address"),
    (("show", "vsop", "subscribeToVSOP", "--url", 'http://x/"; id'), "expected an address"),
    (("write", "out", "--base", "ftp://127.0.0.1"), "--base ftp://127.0.0.1: expected an address"),
    (("show", "vsob", "x"), "did you mean vsop?"),
    (("show", "vsop", "subscribeTOVSOP"), "did you mean subscribeToVSOP?"),
    (("show", "vsop", "zzz"), "there are subscribeToVSOP"),
    (("show", "vsop", "subscribeToVSOP", "--set", "ProductNo"), "expected FIELD=VALUE"),
    (("show", "vsop", "subscribeToVSOP", "--set", "Productno=1"), "did you mean ProductNo?"),
    (("show", "vsop", "subscribeToVSOP", "--set", "ProductOfferInfo=1"), "holds fields: ProductOfferType"),
    (("show", "vsop", "subscribeToVSOP", "--set", "ProductNo/X=1"), "ProductNo holds no fields"),
    (("show", "vsop", "productInfoSync", "--set", "Version=one"), "is a whole number"),
    (("show", "vsop", "PPOfferInfoSync", "--set", "ProductOfferInfo/PartialAllowed=1"), "is true or false"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED)
def test_mistake_is_told(command, arguments, told):
    """A wrong name or value ends with exit 2 and says what was meant."""
    done = command(*arguments)
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr


def test_write_gives_every_form_of_every_operation(command, tmp_path):
    """A directory for each contract; five files for each operation."""
    done = command("write", "out")
    operations = {path.name.partition(".")[0] for path in (tmp_path / "out/ocs").iterdir()}
    assert (done.exit_code, len(list((tmp_path / "out").rglob("*.*"))) % 5) == (0, 0)
    assert operations == {f"{name}{part}" for name in ("feeCheck", "productInfoSync", "PPOfferInfoSync") for part in ("", "Response")}
