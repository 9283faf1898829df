"""Run the comparisons, print them as a table and write bench/results.json: `python -m bench.run [NAME ...]`.

It must not know how anything is measured.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from bench.benches import BENCHES, Bench, Plan, Result
from bench.processes import SkippedError, choose_cores, describe_machine

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run the benches that were named, or all; exit with 1 when one could not be measured."""
    options = _parse()
    plan = Plan(
        cores=choose_cores(),
        repetitions=options.repetitions,
        seconds=options.seconds,
        connections=options.connections,
        orders=options.orders,
        in_flight=options.in_flight,
        ours=not options.peers_only,
        products=options.products,
        recovered=options.recovered,
        soaked=options.soaked,
    )
    # The order client runs in this process: it shares the load's core, never the measured one.
    os.sched_setaffinity(0, {plan.cores.load})
    chosen = [bench for bench in BENCHES if not options.names or bench.name in options.names]
    results, failed = [], False
    for bench in chosen:
        print(f"... {bench.name}", file=sys.stderr, flush=True)
        try:
            results.append(bench.run(plan, _command(bench, options)))
        except SkippedError as reason:
            results.append(_unmeasured(bench, options, "skipped", str(reason)))
        except SystemExit as reason:
            failed = True
            results.append(_unmeasured(bench, options, "failed", str(reason)))
    machine = describe_machine()
    print(_table(results, machine))
    if plan.ours:
        _write([_record(result, machine) for result in results])
    sys.exit(1 if failed else 0)


def _write(records: list[dict[str, object]]) -> None:
    """Write results.json; lines of benches that were not run now stay as they are."""
    former = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    lines = {record["name"]: record for record in [*former, *records]}
    ordered = [lines[bench.name] for bench in BENCHES if bench.name in lines]
    RESULTS.write_text(json.dumps(ordered, indent=2) + "\n")


def _parse() -> argparse.Namespace:
    names = [bench.name for bench in BENCHES]
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Compare the gateway with its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all when none is given: {', '.join(names)}")
    parser.add_argument("--repetitions", type=int, default=4, help="interleaved turns; the median counts")
    parser.add_argument("--seconds", type=float, default=5.0, help="of load for each turn of a server bench")
    parser.add_argument("--connections", type=int, default=16, help="keep-alive connections of a server bench")
    parser.add_argument("--orders", type=int, default=1000, help="for each turn of the order bench")
    parser.add_argument("--in-flight", type=int, default=16, help="orders under way at a time")
    parser.add_argument("--products", type=int, default=10_000, help="of the catalogue bench")
    parser.add_argument("--recovered", type=int, default=10_000, help="orders of the recovery bench")
    parser.add_argument("--soaked", type=int, default=100_000, help="orders of the soak")
    parser.add_argument("--peers-only", action="store_true", help="measure the peers alone; writes no results.json")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}")
    return options


def _command(bench: Bench, options: argparse.Namespace) -> str:
    return (
        f"python -m bench.run {bench.name} --repetitions {options.repetitions} --seconds {options.seconds:g} "
        f"--connections {options.connections} --orders {options.orders} --in-flight {options.in_flight} "
        f"--products {options.products} --recovered {options.recovered} --soaked {options.soaked}"
    )


def _unmeasured(bench: Bench, options: argparse.Namespace, kind: str, reason: str) -> Result:
    return Result(bench.name, None, None, bench.peer_name, None, bench.unit, _command(bench, options), {kind: reason})


def _record(result: Result, machine: str) -> dict[str, object]:
    record = asdict(result)
    for key in ("ours", "peer", "ratio"):
        record[key] = None if record[key] is None else round(record[key], 2)
    record["detail"]["machine"] = machine
    return record


def _table(results: list[Result], machine: str) -> str:
    lines = [machine, "", "| bench | ours | peer | ratio | unit | peer is |", "|---|---:|---:|---:|---|---|"]
    notes = []
    for result in results:
        ratio = "-" if result.ratio is None else f"{result.ratio:.2f}x"
        numbers = f"{_number(result.ours)} | {_number(result.peer)} | {ratio}"
        lines.append(f"| {result.name} | {numbers} | {result.unit} | {result.peer_name} |")
        facts = ", ".join(f"{key} {value}" for key, value in result.detail.items())
        notes.append(f"{result.name}: {facts}")
    return "\n".join([*lines, "", *notes])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
