"""`vsopgw sim`: play the whole system, seed by seed, on a virtual clock with faults, and judge each run by the invariants."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import click
from twisted.logger import globalLogBeginner

from gateway.cli.datafiles import DataMistakes, read_catalogue, read_subscribers
from gateway.cli.errors import UsageFailed
from gateway.cli.lab import default_lab, load_lab
from gateway.config import Config, ConfirmationConfig
from gateway.domain.party import CHANNEL_SYSTEMS
from gateway.sim.setting import Setting
from gateway.sim.workshop import Workshop
from gateway.sim.world import Outcome, World

SEEDS = 100
PROGRESS = 10.0
"""Seconds between two lines of progress."""
CONFIRMING = "213"
"""The channel whose users are asked by SMS, so that this way is played too."""
SHOWN = 5
"""Violations of one seed that are printed."""


def read_setting(lab_file: Path) -> Setting:
    """Read a lab as the simulation plays it; all mistakes at once, exit 2."""
    lab = load_lab(lab_file)
    try:
        catalogue, subscribers = read_catalogue(lab.catalogue), read_subscribers(lab.subscribers)
    except DataMistakes as mistakes:
        raise UsageFailed(str(mistakes)) from None
    gateways = {gateway.name: _arranged(gateway.config) for gateway in lab.gateways}
    return Setting(gateways, lab.stubs, catalogue.products, catalogue.offers, catalogue.partners, subscribers)


def _arranged(config: Config) -> Config:
    asked = ConfirmationConfig(channels=frozenset({CONFIRMING}) & CHANNEL_SYSTEMS, within=timedelta(minutes=5))
    return replace(config, confirmation=asked)


@dataclass(slots=True)
class Sum:
    """What many seeds came to."""

    failing: list[int] = field(default_factory=list)
    seeds: int = 0
    orders: int = 0
    virtual: float = 0.0
    sections: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one seed."""
        self.seeds += 1
        self.orders += outcome.orders
        self.virtual += outcome.virtual
        self.sections += outcome.sections
        self.faults += outcome.faults
        if outcome.violations:
            self.failing.append(outcome.seed)

    def lines(self, seconds: float) -> Iterator[str]:
        """Say it."""
        yield (
            f"{self.seeds} seeds, {len(self.failing)} failing, {self.orders} orders, {self.virtual / 86400:.1f} virtual days, "
            f"{seconds:.0f} s, {self.seeds / max(seconds, 0.001):.1f} seeds/s"
        )
        yield "sections: " + ", ".join(f"{name} {count}" for name, count in sorted(self.sections.items()))
        yield "faults: " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--seeds", "count", default=None, show_default=str(SEEDS), type=click.IntRange(1), help="How many seeds to play.")
@click.option("--first", default=None, show_default="0", type=click.IntRange(0), help="The first of them.")
@click.option("--seed", "one", default=None, type=click.IntRange(0), help="Play this seed alone.")
@click.option("--trace", is_flag=True, help="Print everything that happens, at virtual time.")
@click.option("--verbose", is_flag=True, help="A line for each seed, with the digest of all that happened.")
@click.option(
    "--processes", default=0, type=click.IntRange(0, 4), help="Processes of each gateway; 0: one or two, as the seed has it."
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="How many seeds to play side by side.")
@click.option("--lab", "lab_file", default=default_lab, type=_FILE, help="Lab file; default: the shipped one.")
def sim(
    count: int | None, first: int | None, one: int | None, trace: bool, verbose: bool, processes: int, jobs: int, lab_file: Path
) -> None:
    """Play the whole system in one process: both tiers, all partners, their users, and faults; a seed is always the same run.

    Exit 1 if an invariant is broken; docs/guarantees.md lists them.
    """
    seeds = _seeds(count, first, one)
    setting = read_setting(lab_file)
    total, started = Sum(), time.monotonic()
    told = started
    for outcome in _outcomes(setting, seeds, processes, trace, jobs):
        total.add(outcome)
        _tell(outcome, verbose or one is not None, processes)
        if time.monotonic() - told > PROGRESS:
            told = time.monotonic()
            click.echo(f"... {total.seeds} of {len(seeds)}, {len(total.failing)} failing", err=True)
    for line in total.lines(time.monotonic() - started):
        click.echo(line)
    if total.failing:
        raise SystemExit(1)


def _seeds(count: int | None, first: int | None, one: int | None) -> Sequence[int]:
    if one is None:
        return range(first or 0, (first or 0) + (count or SEEDS))
    if count is not None or first is not None:
        raise UsageFailed("--seed plays one seed alone: leave out --seeds and --first")
    return [one]


def _outcomes(setting: Setting, seeds: Iterable[int], processes: int, trace: bool, jobs: int) -> Iterator[Outcome]:
    work = [(seed, processes, trace) for seed in seeds]
    if jobs == 1:
        _prepare(setting)
        yield from map(_play, work)
        return
    with ProcessPoolExecutor(jobs, initializer=_prepare, initargs=(setting,)) as pool:
        yield from pool.map(_play, work, chunksize=4)


_shared: list[tuple[Setting, Workshop]] = []
"""What a process plays with, made once."""


def _prepare(setting: Setting) -> None:
    """Make what is slow to make; what goes to Twisted's log is judged, and not printed."""
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)
    _shared[:] = [(setting, Workshop())]
    gc.set_threshold(50_000, 20, 100)  # a run leaves its world behind as a whole: looking for rubbish within it costs an eighth


def _play(work: tuple[int, int, bool]) -> Outcome:
    seed, processes, trace = work
    setting, workshop = _shared[0]
    return World(seed, setting, workshop, processes=processes, trace=trace).run()


def _tell(outcome: Outcome, verbose: bool, processes: int) -> None:
    for line in outcome.trace:
        click.echo(line)
    if verbose:
        click.echo(
            f"seed {outcome.seed}: {outcome.orders} orders, {outcome.virtual:.0f} virtual s, {outcome.happened} events, {outcome.digest}"
        )
    if outcome.violations:
        first, *others = outcome.violations
        more = f" --processes {processes}" if processes else ""
        click.echo(f"seed {outcome.seed} fails: {first} [vsopgw sim --seed {outcome.seed}{more} --trace]")
        for violation in others[: SHOWN - 1]:
            click.echo(f"  also {violation}")
