"""Runs the kit against endpoints, all in one process: `judge.py DEADLINE NAME=URL[@PORT] ...` prints what it found of each.

PORT is where callbacks are awaited.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from gateway.resources import contracts_dir
from gateway.runtime import reactor as reactors
from stubs.partnerkit.catalogue import ROLES, cases_of

REACTOR = reactors.install()

from twisted.internet.defer import Deferred  # noqa: E402  after the reactor is chosen

from stubs.partnerkit.assembly import Assembly, Settings  # noqa: E402

ROLE = ROLES["xplatform"]


async def judge(deadline: float, asked: list[str]) -> dict[str, Any]:
    """Run one after the other: the grade, and by failed case what was found."""
    found = {}
    for each in asked:
        name, _, address = each.partition("=")
        url, _, port = address.partition("@")
        settings = Settings(ROLE, url, cases_of(ROLE), contracts_dir(), deadline=deadline, listen=int(port or 0))
        run = await Assembly(settings, REACTOR).run(lambda *_: None)
        said = {one.id: [each.text.en for each in one.findings] or [one.note.en if one.note else ""] for one in run.failed}
        counts = {verdict.value: count for verdict, count in run.counts.items()}
        found[name] = {"grade": run.grade.value, "failed": said, "counts": counts, "seconds": run.seconds}
    return found


def main() -> None:
    """Print the findings as JSON."""
    ended: list[object] = []

    def end(result: object) -> None:
        ended.append(result)
        REACTOR.stop()

    REACTOR.callWhenRunning(lambda: Deferred.fromCoroutine(judge(float(sys.argv[1]), sys.argv[2:])).addBoth(end))
    REACTOR.run()
    if not isinstance(ended[0], dict):
        sys.exit(str(ended[0]))
    sys.stdout.write(json.dumps(ended[0]))


main()
