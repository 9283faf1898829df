"""The lab's file is read whole, and every mistake in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from stubs.kit.settings import LabError, StubSettings, StubTls, StubTrust, is_base_url, read_lab
from stubs.roles import ROLES

LAB = '[lab]\ncatalogue = "c.toml"\nsubscribers = "s.toml"\nwsdl = "."\n'
SET = '[[stubs]]\nname = "a"\nprovince = "15"\nport = 7115\nroles = ["ocs"]\n'


def write(tmp_path: Path, text: str) -> Path:
    for name in ("s.toml", "c.toml"):
        (tmp_path / name).touch()
    path = tmp_path / "lab.toml"
    path.write_text(text)
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(LabError) as raised:
        read_lab(path)
    return [line.removeprefix(str(path)) for line in raised.value.mistakes]


def test_the_projects_lab(root: Path) -> None:
    """Three sets, with contracts and subscribers found relative to the file."""
    first, second, third = read_lab(root / "etc/lab.toml")
    assert first == StubSettings(
        "jiangxi", "15", 7115, "http://127.0.0.1:7001",
        ("ocs", "billing", "ismp", "xplatform", "portal", "smshall", "crm", "provisioning"),
        root / "wsdl", (root / "etc/lab/subscribers.toml", root / "etc/lab/catalogue.toml"),
    )  # fmt: skip
    assert (second.name, third.roles) == ("guangxi", ("xplatform", "ocs", "crm", "billing"))


def test_gateway_may_be_missing(tmp_path: Path) -> None:
    """Stubs can stand alone, on a port that the system chooses."""
    (made,) = read_lab(write(tmp_path, LAB + SET.replace("7115", "0")))
    assert (made.gateway, made.port) == (None, 0)


TLS = 'tls = { port = 0, certificate = "a.pem", key = "a.key", client_ca = "ca.pem" }\n'
TRUST = 'trust = { ca = "ca.pem", certificate = "a.pem", key = "a.key" }\n'


def test_tls_of_a_set(tmp_path: Path) -> None:
    """A further port over TLS, and whom the set trusts; files are found from that of the lab."""
    (made,) = read_lab(write(tmp_path, LAB + SET + TLS + TRUST))
    files = tmp_path / "a.pem", tmp_path / "a.key"
    assert (made.tls, made.trust) == (StubTls(0, *files, tmp_path / "ca.pem"), StubTrust(tmp_path / "ca.pem", *files))


def test_tls_without_certificates_of_callers(tmp_path: Path) -> None:
    """What is not asked for may be left out."""
    (made,) = read_lab(write(tmp_path, LAB + SET + 'tls = { port = 1, certificate = "a", key = "b" }\ntrust = { ca = "c" }\n'))
    assert (made.tls, made.trust) == (StubTls(1, tmp_path / "a", tmp_path / "b"), StubTrust(tmp_path / "c"))


TLS_EXPECTED = "expected a table of port, certificate, key and perhaps client_ca"
TRUST_EXPECTED = "expected a table of ca, and perhaps certificate and key"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tls = true\n", f"tls: {TLS_EXPECTED}"),
        ('tls = { port = 1, certificate = "a" }\n', f"tls: {TLS_EXPECTED}"),
        ('tls = { port = -1, certificate = "a", key = "b" }\n', f"tls: {TLS_EXPECTED}"),
        ('tls = { port = 1, certificate = 2, key = "b" }\n', f"tls: {TLS_EXPECTED}"),
        ('trust = "ca.pem"\n', f"trust: {TRUST_EXPECTED}"),
        ('trust = { ca = "c", key = "k" }\n', f"trust: {TRUST_EXPECTED}"),
    ],
)
def test_mistakes_in_tls(tmp_path: Path, line: str, told: str) -> None:
    """Tables of another form are told."""
    (mistake,) = mistakes(write(tmp_path, LAB + SET + line))
    assert mistake.endswith(f"[[stubs]] 1: {told}")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('name = "a"', 'name = "A b"', ":6: [[stubs]] 1: name: expected a word of a-z, 0-9 and -"),
        ('name = "a"\n', "", ":5: [[stubs]] 1: name: expected a word of a-z, 0-9 and -"),
        ('"15"', "15", ':7: [[stubs]] 1: province: expected two digits from "01" to "36"'),
        ("7115", "70000", ":8: [[stubs]] 1: port: expected a number from 0 to 65535"),
        ("7115", "true", ":8: [[stubs]] 1: port: expected a number from 0 to 65535"),
        ('["ocs"]', "[]", ":9: [[stubs]] 1: roles: expected a list of one role or more"),
        ('["ocs"]', '["ocs", "ocs"]', ":9: [[stubs]] 1: roles: expected every role once"),
        (
            '["ocs"]',
            '["crow"]',
            f":9: [[stubs]] 1: roles: expected roles among {', '.join(ROLES)}; 'crow' is none",
        ),
        (
            "port",
            'gateway = "127.0.0.1:7001"\nport',
            ":8: [[stubs]] 1: gateway: expected an address such as http://127.0.0.1:7001",
        ),
        (
            "port",
            'host = "x"\nport',
            ":8: [[stubs]] 1: host: expected one of faults, gateway, legacy, name, port, province, roles, tls, trust instead",
        ),
    ],
)
def test_a_mistake_in_a_set(tmp_path: Path, before: str, after: str, told: str) -> None:
    """Is told with line, table and what was expected."""
    assert mistakes(write(tmp_path, LAB + SET.replace(before, after))) == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[lab", [":1: not TOML: Expected ']' at the end of a table declaration"]),
        (SET, [":1: the table [lab] is missing"]),
        (
            '[lab]\nsubscribers = "s.toml"\nwsdl = "."\ncolour = "red"\n',
            [":4: [lab] has no colour; there are catalogue, subscribers, subscriptions, wsdl"],
        ),
        ('[lab]\nsubscribers = "none.toml"\nwsdl = "."\n', [":2: [lab] subscribers names no file"]),
        ('[lab]\nsubscribers = "s.toml"\ncatalogue = "none.toml"\nwsdl = "."\n', [":3: [lab] catalogue names no file"]),
        ('[lab]\nsubscribers = "s.toml"\nwsdl = "none"\n', [":3: [lab] wsdl names no directory"]),
        (LAB + "[shop]\n", [":5: unknown table [shop]; there are gateway, lab, stubs"]),
        (LAB + "[stubs]\n", [":5: write stub sets as [[stubs]] tables"]),
    ],
)
def test_a_mistake_in_the_file(tmp_path: Path, text: str, told: list[str]) -> None:
    """Is told with its line."""
    assert mistakes(write(tmp_path, text)) == told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Also sets that take each other's name and port."""
    assert mistakes(write(tmp_path, LAB + "[shop]\n" + SET + SET)) == [
        ":5: unknown table [shop]; there are gateway, lab, stubs",
        ":12: [[stubs]] 2: name: another set has it",
        ":14: [[stubs]] 2: port: another set has it",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is a mistake too."""
    assert mistakes(tmp_path / "none.toml") == [": cannot be read"]


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("http://127.0.0.1:7001", True),
        ("https://vsop.example/", True),
        ("http://127.0.0.1:7001/services/vsop", False),
        ("ftp://127.0.0.1", False),
        ("http://", False),
        (7001, False),
    ],
)
def test_base_url(value: object, good: bool) -> None:
    """An http address, without a path."""
    assert is_base_url(value) is good
