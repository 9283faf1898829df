"""A release engineer's story: traffic is recorded, masked, and replayed against a new gateway, then against one that decides otherwise."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest
from lxml import etree
from testlab import TestLab, free_ports

from gateway.capture.record import read_records
from gateway.cli.data import upload
from gateway.cli.datafiles import read_catalogue, read_subscribers
from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e

OFFERS = ("115000000000000000101", "115000000000000000201", "135000000000000000301", "135000000000000000401")
"""Of 4.1.1 to 4.1.4."""
NUMBERS = [f"1890791{number}" for number in (2101, 2102, 2103, 2104)]
KEY = "a key that is the same in every run of this test"


def vsopgw(*arguments):
    """Run a command as a person would; gives exit code, output and errors."""
    command = [sys.executable, "-m", "gateway", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def use(lab):
    """Orders of all four sections, one that is refused as a duplicate, questions, and an end."""
    service = lab.client("jiangxi").service
    for number, offer in zip(NUMBERS, OFFERS, strict=True):
        request = lab.request(number, offer)
        service.subscribeToVSOP(**request)
        lab.settled("jiangxi", request["OrderId"])
        service.orderStateQry(**_head(lab), OrderId=request["OrderId"])
    service.subscribeToVSOP(**lab.request(NUMBERS[0], OFFERS[0]))
    service.subInstQryFromVSOP(**_head(lab), ProdSpecCode="003", ProductNo=NUMBERS[0])
    ended = lab.request(NUMBERS[0], OFFERS[0], action="1")
    service.subscribeToVSOP(**ended)
    lab.settled("jiangxi", ended["OrderId"])


def _head(lab):
    request = lab.request(NUMBERS[0])
    return {name: request[name] for name in ("StreamingNo", "TimeStamp", "SystemId")}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The captures of Jiangxi's gateway: directory and key, with subscribers under their pseudonyms."""
    directory = tmp_path_factory.mktemp("recorded")
    key = directory / "capture.key"
    key.touch(mode=0o600)
    key.write_text(KEY)
    lab = TestLab(directory, ("group", "jiangxi"), NUMBERS, capture__on="true", capture__key_file=str(key))
    try:
        lab.start()
        use(lab)
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes
    return lab, key


@pytest.fixture(scope="module")
def fresh(recorded, tmp_path_factory):
    """A lab that has seen nothing, and knows the subscribers by their pseudonyms."""
    first, key = recorded
    lab = TestLab(tmp_path_factory.mktemp("fresh"), ("group", "jiangxi"), NUMBERS)
    code, _, errors = vsopgw("capture", "mask", first.subscribers, lab.subscribers, "--key", key)
    assert (code, errors) == (0, "")
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def anew(lab, name, **settings):
    """Start Jiangxi's gateway of a lab once more, without memory, with other settings."""
    lab.serve("jiangxi", gateway__state_dir=str(lab.directory / name), **settings)
    admin = lab.admin("jiangxi")
    admin = type(admin)(admin.name, admin.url, lab.directory / name / "admin.token")
    upload([admin], "catalogue", read_catalogue, etc_dir() / "lab/catalogue.toml")
    upload([admin], "subscribers", read_subscribers, lab.subscribers)


def captures(lab):
    return lab.directory / "jiangxi/capture"


def test_capture_holds_both_directions_and_no_number(recorded):
    """Requests and calls stand there; no subscriber's number does, in any form."""
    lab, _ = recorded
    records = [record for path in captures(lab).glob("*.jsonl") for _, record in read_records(path)]
    raw = b"".join(path.read_bytes() for path in captures(lab).glob("*.jsonl"))
    found = Counter(f"{record.dir} {record.contract}/{record.operation}" for record in records)
    assert (found["in vsop/subscribeToVSOP"], found["out xplatform/serverAction"] > 0, [n for n in NUMBERS if n.encode() in raw]) == (
        6, True, [],
    )  # fmt: skip


def test_replay_and_a_gateway_that_decides_otherwise(recorded, fresh, tmp_path):
    """Against a fresh gateway nothing differs, exit 0; against one without the rule on duplicates the refused order does, exit 1."""
    lab, _ = recorded
    base = f"http://127.0.0.1:{fresh.ports['jiangxi']}"
    code, told, errors = vsopgw("replay", captures(lab), "--against", base, "--speed", "20", "--out", tmp_path / "same")
    same = json.loads((tmp_path / "same/results.json").read_text())
    assert (code, same["counts"]["different"], same["counts"]["equal"] + same["counts"]["explained"] >= 11) == (0, 0, True), told + errors

    anew(fresh, "other", policy__subscribe_rules="1,2,3,4,6,7,8,12")
    code, told, errors = vsopgw("replay", captures(lab), "--against", base, "--speed", "20", "--out", tmp_path / "other")
    other = json.loads((tmp_path / "other/results.json").read_text())
    orders = next(each for each in other["operations"] if each["operation"] == "subscribeToVSOP")
    found = [(each["expected"], each["actual"]) for each in orders["examples"][0]["differences"] if each["path"].endswith("/ResultCode")]
    suite = etree.parse(tmp_path / "other/TEST-replay.xml").getroot()
    assert (code, found, suite.get("failures")) == (1, [("5001", "0")], "1"), told + errors


def test_partners_are_played_from_the_capture(recorded, fresh, tmp_path):
    """Without any partner of its own a new gateway is replayed whole: callbacks come, and what it calls is what was called."""
    (port,) = free_ports(1)
    roles = ("ocs", "billing", "smshall", "crm", "provisioning")
    urls = {
        **{f"partners__{role}__url": role for role in roles}, **{f"partners__ismp__{code}__url": "ismp" for code in ("203", "204", "205")},
        **{f"partners__channel__{code}__url": "portal" for code in ("211", "214")},
        "partners__xplatform__303__url": "xplatform", "partners__vsop__35__url": "vsop",
    }  # fmt: skip
    anew(fresh, "alone", **{key: f"http://127.0.0.1:{port}/services/{name}" for key, name in urls.items()})
    base = f"http://127.0.0.1:{fresh.ports['jiangxi']}"
    options = ("--against", base, "--speed", "20", "--partners", port, "--out", tmp_path)
    code, told, errors = vsopgw("replay", captures(recorded[0]), *options)
    found = json.loads((tmp_path / "results.json").read_text())
    called = {each["operation"] for each in found["operations"] if each["contract"].startswith("to ")}
    assert (code, found["counts"]["different"], found["counts"]["left_out"], {"serverAction", "subActionFromVSOP"} <= called) == (
        0, 0, 0, True,
    ), told + errors  # fmt: skip


def test_nobody_at_the_target_is_exit_3(recorded):
    """A target that does not answer is told as that, soon."""
    code, _, errors = vsopgw("replay", captures(recorded[0]), "--against", "http://127.0.0.1:9", "--speed", "max")
    assert (code, "connection refused" in errors) == (3, True)
