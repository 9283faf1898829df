"""What the hook has kept, judged by the linter and by all contracts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.contract import load_contract
from gateway.contract.lint import Captured, Finding, Unusable, captured, lint_message
from gateway.resources import contracts_dir

HOOK = Path(__file__).parent / "hook"
OLDER = Path(__file__).parents[1] / "contract/older"
OLD_FORMS = (b"http://www.mbossvsop.com.cn/vsop", b"ismp.chinatelecom.com")
"""Namespaces of what the field designed before WS-I, in rpc/encoded too: their contracts are held to it, their messages cannot be."""
MOST = 20_000
"""Messages that are judged at most: some ten seconds of them."""


@contextmanager
def keeping(directory: Path) -> Iterator[None]:
    """Have all processes that are started meanwhile keep what they send."""
    former = {name: os.environ.get(name) for name in ("PYTHONPATH", "VSOP_WSI_CAPTURE")}
    paths = [str(HOOK), *([former["PYTHONPATH"]] if former["PYTHONPATH"] else [])]
    os.environ |= {"PYTHONPATH": os.pathsep.join(paths), "VSOP_WSI_CAPTURE": str(directory)}
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def judge(directory: Path, most: int = MOST) -> tuple[int, list[Finding]]:
    """Judge what was kept; gives how many messages, and what was found in them."""
    paths = [path for place in (contracts_dir(), OLDER) for path in place.glob("*.wsdl") if not path.stem.endswith(".soap12")]
    contracts = [load_contract(path) for path in sorted(paths)]
    count, findings = 0, []
    for message in _messages(directory):
        if count >= most:
            break
        count += 1
        findings += lint_message(message, contracts)
    return count, findings


def _messages(directory: Path) -> Iterator[Captured]:
    for path in sorted(directory.glob("*.http")):
        try:
            yield from (message for message in captured(path) if not any(form in message.body for form in OLD_FORMS))
        except Unusable as cut:  # the last message of a process that a test killed
            if "cut off" not in str(cut) and "no whole HTTP head" not in str(cut):
                raise
