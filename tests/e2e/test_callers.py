"""Who may call, at a real gateway: each forgery is refused and audited, the next good request is served, changes need no restart."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from itertools import count

import pytest

from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
PASSWORD = "a password of tests"
PARTNERS = """
[portal]
systems = ["211"]
authentication = ["username-token"]
password_file = "portal.password"
operations = ["vsop/orderStateQry"]
provinces = ["15"]

[far]
systems = ["212"]
authentication = ["username-token"]
password_file = "portal.password"
operations = ["*"]
provinces = ["*"]
networks = ["192.0.2.0/24"]

[slow]
systems = ["213"]
authentication = ["username-token"]
password_file = "portal.password"
operations = ["*"]
provinces = ["*"]
[slow.rate]
per_second = 0.01
burst = 1
"""
_NUMBERS = count(1)


class Gateway:
    """One process with a file of partners; nothing else of the lab."""

    def __init__(self, directory, *more, store="sqlite") -> None:
        self.directory, self.more = directory, more
        self.file = directory / "partners.toml"
        self.file.write_text(PARTNERS)
        secret = directory / "portal.password"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)

    def start(self):
        settings = {
            "gateway.port": 0, "ppm.serve": "false", "gateway.state_dir": self.directory / "state", "access.partners": self.file,
            "gateway.name": "vsop-15",
        }  # fmt: skip
        options = [item for key, value in settings.items() for item in ("--set", f"{key}={value}")]
        command = [sys.executable, "-m", "gateway", "serve", "-c", str(etc_dir() / "provincial.toml"), *options, *self.more]
        self.log = (self.directory / "log").open("a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url, self.admin = f"http://127.0.0.1:{ready['port']}/services/vsop", ready["admin_port"]
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return code

    def vsopgw(self, *arguments):
        """Run a command of the operator against it."""
        file = self.directory / "admin.toml"
        state = self.directory / "state"
        text = f'[gateway]\ntier = "province"\nprovince = "15"\nport = 0\nstate_dir = "{state}"\n[admin]\nport = {self.admin}\n'
        (self.directory / "numbers.toml").write_text("")
        file.write_text(text)
        command = [sys.executable, "-m", "gateway", *arguments, "-c", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, text):
        """Give the HTTP status and the code of the answer, 0 where there is no fault."""
        request = urllib.request.Request(self.url, text.encode(), {"Content-Type": "text/xml; charset=utf-8"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, body = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read().decode()
        found = re.search(r"<t:Code>(\d+)</t:Code>", body)
        return status, found[1] if found else "0"

    def audited(self, subject):
        return self.vsopgw("audit", "list", "--order", subject)


def query(user="portal", system="211", *, secret=PASSWORD, at=None, header=None):
    """A query with a fresh token."""
    created = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    nonce = os.urandom(16)
    digest = base64.b64encode(sha1(nonce + created.encode() + secret.encode()).digest()).decode()
    token = (
        f'<wsse:Security xmlns:wsse="{WSS}-wssecurity-secext-1.0.xsd" s:mustUnderstand="1"><wsse:UsernameToken>'
        f"<wsse:Username>{user}</wsse:Username>"
        f'<wsse:Password Type="{WSS}-username-token-profile-1.0#PasswordDigest">{digest}</wsse:Password>'
        f"<wsse:Nonce>{base64.b64encode(nonce).decode()}</wsse:Nonce>"
        f'<wsu:Created xmlns:wsu="{WSS}-wssecurity-utility-1.0.xsd">{created}</wsu:Created></wsse:UsernameToken></wsse:Security>'
    )
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<s:Header>{token if header is None else header}</s:Header><s:Body><orderStateQry xmlns="urn:vas:vsop:v1">'
        f"<StreamingNo>{system}20260301120000{next(_NUMBERS):09d}</StreamingNo><TimeStamp>20260301200000</TimeStamp>"
        f"<SystemId>{system}</SystemId><OrderId>P.1</OrderId></orderStateQry></s:Body></s:Envelope>"
    )


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """One for the tests that leave no trace beyond the audit log; it drains in order at the end."""
    gateway = Gateway(tmp_path_factory.mktemp("callers")).start()
    yield gateway
    assert gateway.stop() == 0


def stale():
    return query(at=datetime.now(UTC) - timedelta(hours=1))


FORGED = {
    "stale timestamp": (stale, "2007", "portal"),
    "spoofed SystemId": (lambda: query(system="212"), "2009", "portal"),
    "wrong password": (lambda: query(secret="not this one"), "2004", "portal"),
    "foreign network": (lambda: query("far", "212"), "2012", "far"),
    "no credentials": (lambda: query(header=""), "2005", "stranger"),
}


@pytest.mark.parametrize("case", FORGED)
def test_forgery(gateway, case):
    """It is refused with its code, stands in the audit log, and the next good request is served."""
    make, code, subject = FORGED[case]
    assert gateway.ask(make()) == (500, code)
    assert gateway.ask(query()) == (200, "0")
    assert code in gateway.audited(subject)


def test_replay(gateway):
    """A captured message is taken once."""
    captured = query()
    assert [gateway.ask(captured) for _ in range(2)] == [(200, "0"), (500, "2008")]
    assert "2008" in gateway.audited("portal")


def test_quota(gateway):
    """What is above is refused, and told when to come again."""
    assert [gateway.ask(query("slow", "213")) for _ in range(2)] == [(200, "0"), (500, "9002")]
    assert "9002" in gateway.audited("slow")


def test_suspended(gateway):
    """By the operator, without a restart; and served again."""
    gateway.vsopgw("partner", "suspend", "portal", "--why", "it floods us")
    assert gateway.ask(query()) == (500, "2013")
    gateway.vsopgw("partner", "resume", "portal", "--why", "mended")
    assert gateway.ask(query()) == (200, "0")
    log = gateway.audited("portal")
    assert [act in log for act in ("partner.suspend", "it floods us", "partner.resume", "2013")] == [True] * 4


def test_list_and_show(gateway):
    """The operator sees who may call, and what he changed."""
    gateway.vsopgw("partner", "limit", "portal", "--rate", "500", "--why", "as agreed")
    assert "<- portal" in gateway.vsopgw("partner", "list")
    assert "rate 500/s, burst 1000, enforce" in gateway.vsopgw("partner", "show", "portal")


def until(look, seconds=10):
    """Wait for what a signal brings about."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_reload(tmp_path):
    """SIGHUP reads the file again; one with a mistake changes nothing, and the process stays up."""
    gateway = Gateway(tmp_path).start()
    try:
        gateway.file.write_text(PARTNERS.replace('"username-token"', '"tokens"', 1))
        gateway.process.send_signal(signal.SIGHUP)
        assert until(lambda: "refused, 1 mistakes" in gateway.audited("partners"))
        assert gateway.ask(query()) == (200, "0")
        gateway.file.write_text(PARTNERS.replace('systems = ["211"]', 'systems = ["214"]', 1))
        gateway.process.send_signal(signal.SIGHUP)
        assert until(lambda: "3 partners" in gateway.audited("partners"))
        assert [gateway.ask(query()), gateway.ask(query(system="214"))] == [(500, "2009"), (200, "0")]
    finally:
        assert gateway.stop() == 0


def test_killed(tmp_path):
    """A restart after kill -9 forgets neither what was used nor who is suspended."""
    gateway = Gateway(tmp_path).start()
    captured = query()
    first = gateway.ask(captured)
    gateway.vsopgw("partner", "suspend", "far", "--why", "a test")
    gateway.stop(signal.SIGKILL)
    gateway.start()
    try:
        assert (first, gateway.ask(captured)) == ((200, "0"), (500, "2008"))
        assert "SUSPENDED" in gateway.vsopgw("partner", "show", "far")
        assert gateway.ask(query()) == (200, "0")
    finally:
        assert gateway.stop() == 0


def test_outside_loopback(tmp_path):
    """Without TLS and partners it refuses to start, with one line; told so explicitly, it starts."""
    command = [sys.executable, "-m", "gateway", "serve", "-c", str(etc_dir() / "provincial.toml"), "--set", "gateway.host=0.0.0.0"]
    command += ["--set", "gateway.public_url=http://vsop.example", "--set", f"gateway.state_dir={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.count("\n"), "access.insecure = true" in done.stderr) == (2, 1, True)


def test_workers(cluster, tmp_path):
    """On one database a token is taken once by all of them, and what the operator changes holds in each within seconds."""
    url = cluster.create()
    more = ("--workers", "3", "--set", "store.kind=postgres", "--set", f"store.url={url}")
    gateway = Gateway(tmp_path, *more).start()
    try:
        captured = query()
        told = [gateway.ask(captured) for _ in range(12)]  # each on a connection of its own, so dealt to one or the other
        assert sorted(set(told)) == [(200, "0"), (500, "2008")]
        assert told.count((200, "0")) == 1
        gateway.vsopgw("partner", "suspend", "portal", "--why", "a test")
        assert until(lambda: {gateway.ask(query()) for _ in range(12)} == {(500, "2013")})
        gateway.file.write_text(PARTNERS.replace('systems = ["213"]', 'systems = ["214"]', 1))
        gateway.process.send_signal(signal.SIGHUP)
        assert until(lambda: gateway.audited("partners").count("3 partners") == 3)
    finally:
        assert gateway.stop() == 0
        cluster.drop(url)
