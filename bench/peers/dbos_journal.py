"""The journal peer: DBOS, workflows of six steps that cost nothing, so many under way at a time.

Runs with an environment of its own, in which dbos is installed: BENCH/var/dbos/bin/python bench/peers/dbos_journal.py DATABASE_URL
[--threads]. Told `COUNT IN_FLIGHT` on a line of its input, it runs so many and prints {"per_second", "p50_ms", "p99_ms", "cpu_us"}.
Each workflow has an id of its own, as an order has its number; its six steps are journalled by DBOS.
"""

import argparse
import asyncio
import itertools
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from dbos import DBOS, DBOSConfig, SetWorkflowID

STEPS = 6


@DBOS.step()
async def step(number: int) -> dict[str, str]:
    """Do nothing; give what a partner would."""
    return {"ResultCode": "0", "ResultDesc": "success"}


@DBOS.workflow()
async def order(number: str) -> str:
    """Run six steps."""
    for count in range(STEPS):
        await step(count)
    return number


@DBOS.step()
def step_in_thread(number: int) -> dict[str, str]:
    """Do nothing; give what a partner would."""
    return {"ResultCode": "0", "ResultDesc": "success"}


@DBOS.workflow()
def order_in_thread(number: str) -> str:
    """Run six steps."""
    for count in range(STEPS):
        step_in_thread(count)
    return number


async def _turn(names: "itertools.count[int]", count: int, in_flight: int) -> list[float]:
    took: list[float] = []
    left = iter(range(count))

    async def one_after_the_other() -> None:
        for _ in left:
            name, began = f"o{next(names)}", time.perf_counter()
            with SetWorkflowID(name):
                await order(name)
            took.append(time.perf_counter() - began)

    await asyncio.gather(*[one_after_the_other() for _ in range(in_flight)])
    return took


def _turn_in_threads(names: "itertools.count[int]", count: int, in_flight: int) -> list[float]:
    def one(name: str) -> float:
        began = time.perf_counter()
        with SetWorkflowID(name):
            order_in_thread(name)
        return time.perf_counter() - began

    with ThreadPoolExecutor(in_flight) as pool:
        return list(pool.map(one, [f"o{next(names)}" for _ in range(count)]))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Take turns until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("database", metavar="URL")
    parser.add_argument("--threads", action="store_true", help="workflows in threads instead of one event loop")
    options = parser.parse_args()
    config: DBOSConfig = {
        "name": "bench", "system_database_url": options.database, "log_level": "WARNING", "run_admin_server": False,
    }  # fmt: skip
    DBOS(config=config)
    DBOS.launch()
    names = itertools.count(time.time_ns())
    sys.stdout.write('{"ready": 1}\n')
    sys.stdout.flush()
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        count, in_flight = map(int, line.split())
        began, cpu = time.perf_counter(), _cpu()
        if options.threads:
            took = sorted(_turn_in_threads(names, count, in_flight))
        else:
            took = sorted(loop.run_until_complete(_turn(names, count, in_flight)))
        figures = {
            "per_second": count / (time.perf_counter() - began), "p50_ms": median(took) * 1e3,
            "p99_ms": took[int(count * 0.99)] * 1e3, "cpu_us": (_cpu() - cpu) / count * 1e6,
        }  # fmt: skip
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
    DBOS.destroy()


if __name__ == "__main__":
    main()
