"""How long the fuzz goes on: about twenty seconds of each kind by day, always the same; with --nightly for long, and by chance."""

from __future__ import annotations

import os
import random
import sys

from hypothesis import HealthCheck, settings

NIGHTLY = "--nightly" in sys.argv
FACTOR = int(os.environ.get("FUZZ_FACTOR", "40")) if NIGHTLY else 1
"""How many times the day's work; FUZZ_FACTOR sets it for a night."""
SEED = int(os.environ.get("FUZZ_SEED") or (random.SystemRandom().randrange(2**32) if NIGHTLY else 20261124))
"""Of what is not Hypothesis's; a failure tells it, and FUZZ_SEED repeats it. Hypothesis prints its own way to repeat."""


def budget(examples: int) -> settings:
    """So many examples by day."""
    return settings(
        max_examples=examples * FACTOR, derandomize=not NIGHTLY, deadline=None, database=None, print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )  # fmt: skip
