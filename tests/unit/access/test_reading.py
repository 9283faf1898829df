"""The file of partners: what it takes, and each mistake with its line."""

from __future__ import annotations

import subprocess
import tomllib
from ipaddress import ip_network

import pytest
from callers import PASSWORD, PORTAL, password

from gateway.access.partner import Day, Kind, Mode, Partners, Rate, State
from gateway.access.reading import read_partners
from gateway.config import ConfigMistakes
from gateway.contract import operation_names
from gateway.resources import contracts_dir, etc_dir

KINDS = frozenset({Kind.NONE, Kind.USERNAME_TOKEN, Kind.MTLS})


def read(directory, text, kinds=KINDS) -> Partners:
    (directory / "partners.toml").write_text(text, encoding="utf-8")
    password(directory / "portal.password")
    return read_partners(directory / "partners.toml", {"province": "15"}, kinds)


def mistakes(directory, text, **more):
    with pytest.raises(ConfigMistakes) as caught:
        read(directory, text, **more)
    return str(caught.value).replace(f"{directory}/", "").splitlines()


def test_whole_partner(tmp_path):
    """Everything that may stand there."""
    text = PORTAL.replace('["15"]', '["{province}"]') + (
        'state = "suspended"\nuser = "portal-jx"\nplain_text = true\ngateway = true\ncalls = ["channel.211", "ocs"]\n'
        '[portal.rate]\nper_second = 50\nburst = 100\nmode = "report"\n[portal.day]\nrequests = 1000\n'
    )
    found = read(tmp_path, text).all["portal"]
    assert (found.systems, found.authentication, found.passwords, found.networks, found.provinces, found.state, found.user) == (
        {"211"}, {Kind.USERNAME_TOKEN}, (PASSWORD.encode(),), (ip_network("192.0.2.0/24"),), {"15"}, State.SUSPENDED, "portal-jx",
    )  # fmt: skip
    assert (found.plain_text, found.gateway, found.calls, found.rate, found.day) == (
        True, True, {"channel:211", "ocs"}, Rate(50, 100, Mode.REPORT), Day(1000, Mode.ENFORCE),
    )  # fmt: skip


def test_least_partner(tmp_path):
    """What is not said is the safe thing: running, its own name as user, no quota, no gateway, no plain text."""
    found = read(tmp_path, PORTAL).all["portal"]
    assert (found.state, found.user, found.rate, found.day, found.gateway, found.plain_text, found.calls) == (
        State.RUNNING, "portal", None, None, False, False, frozenset(),
    )  # fmt: skip


def test_secrets_are_not_shown(tmp_path):
    """No repr tells a password."""
    assert PASSWORD not in repr(read(tmp_path, PORTAL))


WRONG = {
    "unknown key": (PORTAL + "pasword_file = 1\n", "partners.toml:9: unknown key portal.pasword_file; did you mean password_file?"),
    "missing": (PORTAL.replace('systems = ["211"]', ""), "partners.toml:2: portal.systems is missing"),
    "kind": (PORTAL.replace("username-token", "token"), "partners.toml:4: portal.authentication must be a list of none, username-token"),
    "no kind": (PORTAL.replace('["username-token"]', "[]"), "partners.toml:4: portal.authentication is empty"),
    "none and more": (PORTAL.replace('["username', '["none", "username'), "partners.toml:4: portal.authentication cannot have none"),
    "none from anywhere": (
        PORTAL.replace('"username-token"', '"none"').replace("networks", "#"), "partners.toml:2: portal.networks is missing",
    ),
    "no password": (PORTAL.replace("password_file", "#"), "partners.toml:2: portal.password_file is missing"),
    "no certificate": (PORTAL.replace('"username-token"', '"mtls"'), "partners.toml:2: portal.certificates is missing"),
    "cannot verify": (
        PORTAL.replace('"username-token"', '"signature"'), "partners.toml:4: portal.authentication cannot be signature here",
    ),
    "no such file": (PORTAL.replace("portal.password", "other"), "partners.toml:5: portal.password_file names a file that cannot be read"),
    "network": (PORTAL.replace("192.0.2.0/24", "192.0.2.7/24"), "partners.toml:8: portal.networks has no network 192.0.2.7/24"),
    "province": (PORTAL.replace('["15"]', '["15", "99"]'), "partners.toml:7: portal.provinces must be province ids of two digits; unknown"),
    "operation": (PORTAL.replace("vsop/order", "vsop.order"), "partners.toml:6: portal.operations must be a list such as"),
    "rate": (PORTAL + "[portal.rate]\nper_second = 0\nburst = 1\n", "partners.toml:10: portal.rate.per_second must be a number from 0.001"),
    "mode": (PORTAL + '[portal.day]\nrequests = 1\nmode = "warn"\n', 'partners.toml:11: portal.day.mode must be "report" or "enforce"'),
    "quota without a number": (PORTAL + "[portal.day]\n", "partners.toml:9: portal.day.requests is missing"),
    "same user": (PORTAL + PORTAL.replace("[portal]", '[other]\nuser = "portal"'), "partners.toml:11: other.user is that of portal too"),
    "name": (PORTAL.replace("[portal]", '["a b"]'), "partners.toml:2: 'a b' is no name"),
    "no section": ("portal = 1\n" + PORTAL.replace("[portal]", "[other]"), "partners.toml:1: portal must be a section"),
    "not TOML": ("[portal\n", "partners.toml:1: not TOML"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_mistake(tmp_path, case):
    """It is told with its line, in one sentence."""
    text, told = WRONG[case]
    found = mistakes(tmp_path, text)
    assert (found[0][: len(told)], len(found)) == (told, 1)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644])
def test_password_that_everybody_may_see(tmp_path, mode):
    """A file that others can read or change is no secret."""
    password(tmp_path / "open.password", mode=mode)
    assert "that everybody can read or change" in mistakes(tmp_path, PORTAL.replace("portal.password", "open.password"))[0]


@pytest.mark.parametrize("text", ["", "short", "two lines\nof text", "x" * 2000])
def test_password_of_a_form_that_is_none(tmp_path, text):
    """Empty, too short to withstand guessing, more than a line."""
    password(tmp_path / "odd.password", text)
    told = mistakes(tmp_path, PORTAL.replace("portal.password", "odd.password"))[0]
    assert "must name a file of one line of 8 to 1024 bytes" in told
    assert not text or text not in told


def test_previous_password(tmp_path):
    """While a partner changes over, both are good."""
    password(tmp_path / "old.password", "the former one")
    found = read(tmp_path, PORTAL + 'previous_password_file = "old.password"\n').all["portal"]
    assert found.passwords == (PASSWORD.encode(), b"the former one")


def test_certificate_file(tmp_path):
    """Its certificates are known by their fingerprints, as openssl tells them."""
    key, certificate = tmp_path / "key.pem", tmp_path / "portal.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=portal"]
    subprocess.run(made, check=True, capture_output=True)
    told = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"], check=True, capture_output=True)
    fingerprint = told.stdout.decode().partition("=")[2].strip().replace(":", "").lower()
    found = read(tmp_path, PORTAL.replace('"username-token"', '"mtls"') + 'certificate_file = "portal.pem"\n')
    assert (set(found.by_certificate), len(found.all["portal"].certificate_der)) == ({f"sha256:{fingerprint}"}, 1)


def test_file_without_a_certificate(tmp_path):
    """It is told, and not what stands there instead."""
    told = mistakes(tmp_path, PORTAL.replace('"username-token"', '"mtls"') + 'certificate_file = "portal.password"\n')
    start = "partners.toml:9: portal.certificate_file names a file without a certificate"
    assert (told[0].startswith(start), PASSWORD in told[0]) == (True, False)


def test_indexes(tmp_path):
    """Who shows a certificate is not found by a user, and so on."""
    text = PORTAL + PORTAL.replace("[portal]", "[m]").replace('"username-token"', '"mtls"') + 'certificates = ["dns:m.example"]\n'
    found = read(tmp_path, text)
    assert (set(found.by_user), set(found.by_certificate), found.by_address) == ({"portal"}, {"dns:m.example"}, ())


def test_shipped_example(tmp_path):
    """etc/partners.toml is taken as it stands, once the password that it names is there."""
    (tmp_path / "secrets").mkdir()
    password(tmp_path / "secrets/portal")
    text = (etc_dir() / "partners.toml").read_text(encoding="utf-8")
    found = read(tmp_path, text)
    assert (list(found.all), found.all["portal"].provinces) == (["portal", "crm", "group", "self"], {"15"})


def test_operations_of_the_example_exist():
    """What it lets partners call is in the contracts."""
    partners = tomllib.loads((etc_dir() / "partners.toml").read_text(encoding="utf-8"))
    named = {name for partner in partners.values() for name in partner["operations"] if not name.endswith("*")}
    known = {f"{contract}/{name}" for contract in ("vsop", "ppm") for name in operation_names(contracts_dir() / f"{contract}.wsdl")}
    assert named - known == set()
