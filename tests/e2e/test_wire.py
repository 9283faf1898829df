"""What is served over HTTP: contracts byte for byte, faults that name the field, nothing stored for bad input."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
import zeep
from testlab import free_ports, get

from gateway.resources import contracts_dir, etc_dir

pytestmark = pytest.mark.e2e
X = "115000000000000000101"


def post(url, body, headers=None):
    """Give (status, content type, text) of a raw POST."""
    request = urllib.request.Request(url, body, {"Content-Type": "text/xml; charset=utf-8", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def envelope(lab, **fields):
    """A subscribeToVSOP as text, written by Zeep."""
    client = lab.client("jiangxi")
    return zeep.wsdl.utils.etree_to_string(client.create_message(client.service, "subscribeToVSOP", **fields))


def test_wsdl_is_the_file_but_for_the_address(lab):
    """The served contract has the file's bytes once its address is put back; so the sums agree where the address is the file's."""
    file = (contracts_dir() / "vsop.wsdl").read_bytes()
    _, _, served = get(f"{lab.url('jiangxi')}?wsdl")
    restored = served.replace(
        f"http://127.0.0.1:{lab.ports['jiangxi']}/services/vsop".encode(), b"http://127.0.0.1:7001/services/vsop"
    )
    assert hashlib.sha256(restored).hexdigest() == hashlib.sha256(file).hexdigest()


def test_schemas_are_reached_by_the_contracts_own_relative_paths(lab):
    """A client that follows the imports gets the files' bytes."""
    served = [
        get(f"http://127.0.0.1:{lab.ports['jiangxi']}/services/xsd/{name}")[2] for name in ("vsop.xsd", "vas-types.xsd")
    ]
    assert served == [(contracts_dir() / "xsd" / name).read_bytes() for name in ("vsop.xsd", "vas-types.xsd")]


def test_forged_host_is_not_published(lab):
    """The address comes from configuration, whatever Host says."""
    _, _, served = get(f"{lab.url('jiangxi')}?wsdl", {"Host": "evil.example"})
    assert b"evil.example" not in served


def test_soap12_document_works_with_zeep(lab, fresh_number):
    """The second document binds SOAP 1.2 at the same address."""
    client = zeep.Client(f"{lab.url('jiangxi')}?wsdl&soap=1.2", settings=zeep.Settings(strict=True))
    assert client.service.subscribeToVSOP(**lab.request(fresh_number(), X)).ResultCode == "0"


def test_broken_contract_names_the_field(lab):
    """A bad number: a SOAP fault with field, path, line and what was expected, in both languages, without the value."""
    body = envelope(lab, **lab.request("18907910001", X)).replace(b"18907910001", b"999")
    status, kind, text = post(lab.url("jiangxi"), body)
    found = [part in text for part in ("ProductNo", "subscribeToVSOP/ProductNo", "应符合格式", "expected the form")]
    assert (status, kind, found, ">999<" in text) == (500, "text/xml; charset=utf-8", [True] * 4, False)


def test_nothing_is_stored_for_a_fault(lab):
    """A refused message leaves no order and no request behind."""
    request = lab.request("18907910005", X)
    post(lab.url("jiangxi"), envelope(lab, **request).replace(b"<ns0:ActionType>0", b"<ns0:ActionType>7"))
    # Not the count of runs: an order of another test may end meanwhile.
    assert lab.admin("jiangxi").get(f"orders/{request['OrderId']}") is None


@pytest.mark.parametrize("body", [b"", b"hello", b"<a/>", b"<!DOCTYPE a><a/>", b"\xff\xfe\x00", b"<html>"])
def test_rubbish_gets_a_fault_and_the_next_request_is_served(lab, fresh_number, body):
    """Whatever comes in, the answer is a SOAP fault and the process stays up."""
    status, kind, text = post(lab.url("jiangxi"), body)
    answer = lab.client("jiangxi").service.subscribeToVSOP(**lab.request(fresh_number(), X))
    assert (status, kind.split(";")[0], "Fault" in text, "Traceback" in text, answer.ResultCode) == (
        500,
        "text/xml",
        True,
        False,
        "0",
    )


def test_logs_hold_no_whole_number(lab):
    """Subscriber numbers are masked in every log line of every gateway."""
    logs = "".join((lab.directory / f"{name}.log").read_text() for name in lab.names)
    assert re.findall(r"(?<!\d)1890791\d{4}(?!\d)", logs) == []


def serve(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments], check=False, capture_output=True, text=True, timeout=60
    )


def test_port_in_use_is_one_clear_line(lab, tmp_path):
    """A taken port: one line that names it, exit 2."""
    done = serve(
        "serve", "-c", str(etc_dir() / "provincial.toml"), "--set", f"gateway.port={lab.ports['jiangxi']}",
        "--set", f"gateway.state_dir={tmp_path}", "--set", f"admin.port={free_ports(1)[0]}", "--set", "log.level=error",
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n"), str(lab.ports["jiangxi"]) in done.stderr) == (2, 1, True)


def test_every_config_mistake_is_named_at_once(tmp_path):
    """A bad configuration: each mistake with file and line, exit 2."""
    text = (etc_dir() / "provincial.toml").read_text().replace(
        'province = "15"', 'province = "99"'
    ) + "\n[nonsense]\na = 1\n"
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    done = serve("config", "check", str(bad))
    lines = [line for line in done.stderr.splitlines() if re.match(rf"{re.escape(str(bad))}:\d+: ", line)]
    assert (done.returncode, len(lines) >= 2) == (2, True)


def test_store_of_a_running_gateway_is_refused(lab, tmp_path):
    """A second gateway on the same database: one line with the owner's pid, exit 2."""
    port = free_ports(2)
    done = serve(
        "serve", "-c", str(etc_dir() / "provincial.toml"), "--set", f"gateway.port={port[0]}", "--set", f"admin.port={port[1]}",
        "--set", f"gateway.state_dir={tmp_path}", "--set", f"store.path={lab.directory / 'jiangxi' / 'vsop.sqlite'}",
    )  # fmt: skip
    assert (done.returncode, str(lab.processes["jiangxi"].popen.pid) in done.stderr) == (2, True)
