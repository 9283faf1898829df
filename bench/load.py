"""The load of all comparisons: wrk for one fixed request, a small client of our own for orders that must be unique.

It must not know who is measured. Also a command: see `python -m bench.load --help`.
"""

import argparse
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.orders import OrderLoad, run_orders
from bench.refusals import SOAP_ACTION, SUBSCRIBE_FILE

WRK_SCRIPT = Path(__file__).parent / "wrk_post.lua"


@dataclass(frozen=True, slots=True)
class ServerRate:
    """What wrk saw: answers per second, latency in milliseconds."""

    per_second: float
    p50: float
    p99: float


def require_wrk() -> None:
    """Check that wrk is here; SystemExit: it is not."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is missing; on Debian: apt-get install wrk")


def run_wrk(
    url: str, *, connections: int, seconds: float, core: int, script: Path = WRK_SCRIPT,
    sends: tuple[Path, str] = (SUBSCRIBE_FILE, SOAP_ACTION),
) -> ServerRate:  # fmt: skip
    """POST the fixed request in a closed loop over keep-alive connections, from one core; another script may send others.

    SystemExit: wrk is missing, or any answer was an error (a server that fails fast is not fast).
    """
    require_wrk()
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", "10s", "-s", str(script), url, "--", str(sends[0]), sends[1]]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    totals = [line for line in finished.stdout.splitlines() if line.startswith("{")]
    if finished.returncode != 0 or not totals:
        raise SystemExit(f"bench: wrk failed: {(finished.stderr or finished.stdout).strip()[:300]}")
    total = json.loads(totals[-1])
    if total["refused"] or total["broken"] or not total["requests"]:
        raise SystemExit(f"bench: not every request was answered well: {total}")
    per_second = total["requests"] / (total["microseconds"] / 1e6)
    return ServerRate(per_second, p50=total["p50_us"] / 1e3, p99=total["p99_us"] / 1e3)


def main() -> None:
    """Load a running server from the command line and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    kinds = parser.add_subparsers(dest="kind", required=True)
    server = kinds.add_parser("server", help="the fixed request, by wrk")
    server.add_argument("url")
    server.add_argument("--connections", type=int, default=16)
    server.add_argument("--seconds", type=float, default=5.0)
    server.add_argument("--core", type=int, default=1)
    orders = kinds.add_parser("orders", help="unique orders, until the partner stub has had the result of each")
    orders.add_argument("url")
    orders.add_argument("--stub", required=True, type=int, metavar="PORT", help="port of bench.partner_stub")
    orders.add_argument("--count", type=int, default=500)
    orders.add_argument("--in-flight", type=int, default=16)
    orders.add_argument("--first", type=int, default=1, help="index of the first order: another run, other numbers")
    options = parser.parse_args()
    if options.kind == "server":
        print(run_wrk(options.url, connections=options.connections, seconds=options.seconds, core=options.core))
        return
    url = urlsplit(options.url)
    load = OrderLoad(
        port=url.port or 80,
        path=url.path,
        stub_port=options.stub,
        template=SUBSCRIBE_FILE.read_bytes(),
        count=options.count,
        in_flight=options.in_flight,
        first=options.first,
    )
    print(run_orders(load))


if __name__ == "__main__":
    main()
