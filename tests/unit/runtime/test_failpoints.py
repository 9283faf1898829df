"""Failpoints: nothing unless configured, and then the end of the process at exactly the named edge."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.runtime.failpoints import boundary


def test_off():
    """Without configuration no edge does anything."""
    assert boundary("")("after-effect", "activate") is None


@pytest.mark.parametrize(
    "edge", [("before-effect", "activate"), ("after-effect", "archive"), ("after-effect", "activate")]
)
def test_other_edges_are_passed(edge):
    """Another moment, another step, and the first of two times: the process lives."""
    assert boundary("after-effect:activate:2")(*edge) is None


def test_named_edge_kills():
    """The second time that the moment of the step is reached, the process is gone as by kill -9."""
    program = (
        "from gateway.runtime.failpoints import boundary\nreached = boundary('after-effect:activate:2')\n"
        "reached('after-effect', 'activate')\nprint('once', flush=True)\nreached('after-effect', 'activate')\nprint('twice', flush=True)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (-9, "once\n")
