"""The recording of messages: a gateway's are kept and judged, and a broken one is found."""

from __future__ import annotations

import os
import subprocess
import sys

from wsi_capture import judge, keeping

ANSWER = """
import sys
from gateway.soap.http_message import LINK_KEEP, AnswerWriter, HttpResponse
for _ in range(3):
    AnswerWriter("t").write(HttpResponse(200, sys.argv[1].encode()), LINK_KEEP)
if sys.argv[2:] and sys.argv[2] != "stub":
    from gateway.soap.http_client_connection import Call
    Call(sys.argv[2].encode(), 1.0, {})
"""
GOOD = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a xmlns="urn:a"/></s:Body></s:Envelope>'


def write(directory, *arguments):
    """Have a process of its own write three answers while they are kept."""
    with keeping(directory):
        subprocess.run([sys.executable, "-c", ANSWER, *arguments], check=True)


def test_answers_are_kept_and_judged(tmp_path):
    """Every one; here they are in no contract, which is found."""
    write(tmp_path, GOOD)
    count, findings = judge(tmp_path)
    assert (count, [finding.rule for finding in findings]) == (3, ["R2712"] * 3)


def test_broken_answer_is_found(tmp_path):
    """By the rule of the profile."""
    write(tmp_path, GOOD.replace(' xmlns="urn:a"', ""))
    assert {finding.rule for finding in judge(tmp_path)[1]} == {"R1014"}


def test_requests_are_kept(tmp_path):
    """They are judged as requests: this one has an action without quotes."""
    request = f"POST / HTTP/1.1\r\nContent-Type: text/xml\r\nSOAPAction: x\r\nContent-Length: {len(GOOD)}\r\n\r\n{GOOD}"
    write(tmp_path, GOOD, request)
    assert [finding.rule for finding in judge(tmp_path)[1]].count("R1109") == 1


def test_stubs_are_left_out(tmp_path):
    """They break rules on purpose."""
    write(tmp_path, GOOD, "stub")
    assert judge(tmp_path) == (0, [])


def test_message_that_was_cut_off_by_a_kill_is_passed_over(tmp_path):
    """What came before it is judged."""
    write(tmp_path, GOOD)
    (file,) = tmp_path.glob("*.http")
    file.write_bytes(file.read_bytes()[:-5])
    assert judge(tmp_path)[0] == 2


def test_nothing_is_kept_afterwards(tmp_path):
    """The environment is as it was."""
    before = dict(os.environ)
    with keeping(tmp_path):
        assert dict(os.environ) != before
    assert dict(os.environ) == before
