"""Every sample is sent to the lab's gateway or stub that serves it, in each form, as its reader would do it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.contract import Codec, load_contract
from gateway.resources import contracts_dir
from gateway.samples import FORMS, Numbering, Sample, Sampler
from gateway.samples.sampler import read_contract_names
from gateway.soap.envelope import parse_envelope
from gateway.vocabulary import CHINA

pytestmark = pytest.mark.e2e
NUMBERING = Numbering(datetime.now(CHINA))


@cache
def sampler(contract: str) -> Sampler:
    return Sampler(Codec(load_contract(contracts_dir() / f"{contract}.wsdl")), NUMBERING)


# What is asked for comes before its query, as the contracts list it; and what the gateways serve before the stubs, who tell them more.
CONTRACTS = sorted(read_contract_names(contracts_dir()), key=lambda name: (name not in ("ppm", "vsop"), name))
EVERY = [(name, operation) for name in CONTRACTS for operation in sampler(name).operations]


def made(lab, contract: str, operation: str) -> Sample:
    """The sample, as it would be sent to this lab."""
    sample = sampler(contract).sample(operation)
    port = re.search(r":(\d+)/", sample.url)[1]
    here = {"7000": lab.ports["group"], "7001": lab.ports["jiangxi"], "7115": lab.stub_ports["jiangxi"]}[port]
    return Sampler(sample.codec, NUMBERING, base_url=sample.url.replace(port, str(here))).sample(operation)


def judged(sample: Sample, answer: bytes) -> tuple[str, str]:
    """StreamingNo and ResultCode of an answer that its contract takes."""
    body = parse_envelope(answer, None, frozenset()).body
    sample.codec.contract.validator.assertValid(body)
    told = sample.codec.by_element[sample.operation.response].decode(body)
    return told.StreamingNo, told.ResultCode


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_curl_form_is_answered(lab, contract: str, operation: str) -> None:
    """The curl command, run unchanged in a shell, gets success; where nothing can be taken by itself, the domain's refusal."""
    sample = made(lab, contract, operation)
    done = subprocess.run(["bash", "-c", FORMS["curl"].write(sample)], check=True, capture_output=True, timeout=20)
    expected = "0" if sample.story.after else sample.story.alone
    assert judged(sample, done.stdout) == (sample.request.StreamingNo, expected), done.stdout.decode()


@pytest.fixture(scope="module")
def zeep_said(lab, tmp_path_factory) -> dict[tuple[str, str], str]:
    """What each Zeep program printed; all of them are run unchanged, one after the other in one process, which reads Zeep once."""
    programs = [FORMS["zeep"].write(made(lab, *each)) for each in EVERY]
    script = tmp_path_factory.mktemp("zeep") / "all.py"
    script.write_text(
        "".join(f"exec(compile({text!r}, 'sample.py', 'exec'), {{}})\nprint('====')\n" for text in programs), encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, str(script)], check=True, capture_output=True, text=True, timeout=60, env=environment)
    return dict(zip(EVERY, done.stdout.split("====\n")[:-1], strict=True))


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_zeep_form_is_answered(lab, zeep_said, contract: str, operation: str) -> None:
    """The Zeep program prints an answer to its number: the same request again gets the same answer, and nothing is done twice."""
    sample, said = made(lab, contract, operation), zeep_said[contract, operation]
    number, code = re.search(r"'StreamingNo': '(\w+)'", said)[1], re.search(r"'ResultCode': '(-?\d+)'", said)[1]
    # An authorisation is judged anew each time, and by then the user holds what the stubs' orders brought him.
    expected = code if operation == "subscribeAuth" else "0" if sample.story.after else sample.story.alone
    assert (number, code) == (sample.request.StreamingNo, expected)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_file_form_is_answered(lab, contract: str) -> None:
    """The XML file, posted as it is, gets an answer of the contract."""
    for operation in sampler(contract).operations:
        sample = made(lab, contract, operation)
        command = ["curl", "-sS", "-H", "Content-Type: text/xml; charset=utf-8", "--data-binary", "@-", sample.url]
        done = subprocess.run(command, input=FORMS["xml"].write(sample).encode(), check=True, capture_output=True, timeout=20)
        assert judged(sample, done.stdout)[0] == sample.request.StreamingNo


@pytest.mark.parametrize("contract", CONTRACTS)
def test_soapui_form_passes(lab, contract: str, tmp_path: Path) -> None:
    """`vsopgw soapui run` plays each project: an answer, of the contract, no fault."""
    for operation in sampler(contract).operations:
        project = tmp_path / f"{operation}.soapui.xml"
        project.write_text(FORMS["soapui"].write(made(lab, contract, operation)), encoding="utf-8")
        done = CliRunner().invoke(main, ["soapui", "run", str(project)])
        assert (done.exit_code, "1 test cases (0 failed, 0 not run in full), 1 steps, 3 assertions (0 failed)" in done.output) == (
            0, True,
        ), done.output + done.stderr  # fmt: skip
