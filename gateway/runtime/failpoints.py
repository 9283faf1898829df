"""Ends the process at a named edge of a step: how the tests show that nothing accepted is lost. Off unless configured."""

from __future__ import annotations

import os
import signal

from gateway.engine.ports import Boundary


def boundary(spec: str) -> Boundary:
    """Make the engine's boundary from "moment:step:count": kill -9 at the count-th time that moment of that step is reached."""
    if not spec:
        return lambda moment, step: None
    moment_wanted, step_wanted, count_text = spec.split(":")
    left = int(count_text)

    def reached(moment: str, step: str) -> None:
        nonlocal left
        if moment == moment_wanted and step == step_wanted:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached
