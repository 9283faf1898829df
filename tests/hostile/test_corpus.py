"""Each case of the corpus gets its answer from each served contract, runs nothing that it must not, and leaves the gateway serving."""

from __future__ import annotations

import re

import pytest
from hostile_build import Builder
from hostile_corpus import corpus
from hostile_judge import alive, play
from hostile_lab import CALLERS, READER, HostileLab
from hostile_targets import CHECKED, TARGETS

pytestmark = pytest.mark.e2e
CASES = [
    pytest.param(contract, id, id=f"{contract}-{id}-{case.name}")
    for contract, target in TARGETS.items()
    for id, case in corpus(Builder(target, canary="http://127.0.0.1:9/", body_limit=1 << 20, patience=1)).items()
]


@pytest.mark.parametrize(("contract", "id"), CASES)
def test_case_gets_its_answer(hostile: HostileLab, contract: str, id: str) -> None:
    """The right answer, no execution but where one is due, nobody called, nothing told of our insides."""
    assert play(hostile, TARGETS[contract], id).wrong == []


@pytest.mark.parametrize("contract", TARGETS)
def test_gateway_serves_after_all_of_them(hostile: HostileLab, contract: str) -> None:
    """The next good request succeeds."""
    assert alive(hostile, TARGETS[contract])


def test_log_holds_nothing_of_the_messages(hostile: HostileLab) -> None:
    """No whole number, no password, nothing that a sender made up, and no line that he wrote."""
    log = hostile.log
    secrets = [caller.password for caller in (*CALLERS.values(), READER)]
    words = ["DROP TABLE", "jndi:", "<script", "LOGIN OK", "/etc/passwd", "evil.example", "DropTables", "PasswordDigest", *secrets]
    assert re.findall(rf"(?<!\d)(?:1890792\d{{4}}|{CHECKED}|18912345678)(?!\d)", log) == []
    assert [word for word in words if word in log] == []
    assert [line for line in log.splitlines() if not re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", line)] == []


def test_log_holds_no_error(hostile: HostileLab) -> None:
    """What a sender does wrong is no error of this process."""
    assert [line for line in hostile.log.splitlines() if re.match(r"\S+ error", line)] == []
