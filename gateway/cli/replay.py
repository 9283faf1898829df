"""`vsopgw replay FILE... --against URL`: what came into a gateway, sent again to another; the answers compared."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.capture.record import BrokenCapture, read_heading
from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.reports_dir import make_reports_dir
from gateway.runtime import reactor as reactors
from gateway.vocabulary import CHINA
from stubs.replay.reading import Step, files_of, steps
from stubs.replay.renewing import Renewal
from stubs.replay.rules import Rule, RulesError, read_rules

if TYPE_CHECKING:
    from stubs.replay.tally import Outcome, Tally

_FILE = click.Path(path_type=Path, dir_okay=False)
_TOLD_SECONDS = 2.0


def _speed(_: click.Context, __: click.Parameter, value: str) -> float:
    """Read a factor, or `max`, which is 0."""
    if value == "max":
        return 0.0
    try:
        speed = float(value)
    except ValueError:
        speed = -1.0
    if not 0 < speed <= 1e6:
        raise click.BadParameter(f"{value!r} is neither max nor a number above 0, such as 20")
    return speed


def _mapped(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read --map old=new."""
    found: dict[str, str] = {}
    for value in values:
        old, sign, new = value.partition("=")
        if not sign or not re.fullmatch(r"[0-9A-Za-z._-]{1,60}", old) or not re.fullmatch(r"[0-9A-Za-z._-]{1,60}", new):
            raise click.BadParameter(f"{value!r} is not OLD=NEW, of letters, digits, dot, hyphen")
        found[old] = new
    return found


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--against", required=True, metavar="URL", help="The gateway to try, such as http://127.0.0.1:7001.")
@click.option("--speed", default="1", show_default=True, callback=_speed, help="Times faster than then; max: as fast as causes allow.")
@click.option("--only", multiple=True, metavar="OPERATION", help="Send only this operation; may be repeated.")
@click.option("--leave-out", multiple=True, metavar="OPERATION", help="Do not send this operation; may be repeated.")
@click.option("--callbacks", is_flag=True, help="Send what partners sent because they were called, too: for a target without partners.")
@click.option(
    "--partners", type=click.IntRange(0, 65535), default=None, metavar="PORT",
    help="Play the target's partners from the capture, on this port of loopback, and compare what it calls; sends callbacks, too.",
)
@click.option("--map", "replaced", multiple=True, callback=_mapped, metavar="OLD=NEW", help="Another number or system; may be repeated.")
@click.option("--fresh/--as-recorded", default=True, show_default=True, help="New StreamingNos, OrderIds and times, or the recorded ones.")
@click.option("--ignore", "rules_file", type=_FILE, default=None, help="TOML file of differences that are expected: see docs/replay.md.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Directory for the reports.")
@click.option("--deadline", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds for one answer.")
@click.option(
    "--settle", type=click.FloatRange(0, 3600), default=1.0, show_default=True,
    help="Seconds to leave, at most, between messages about one subscriber or order, however fast.",
)
@click.option("--username", default=None, help="Of a WS-Security UsernameToken, if the target asks for one.")
@click.option("--password-file", type=_FILE, default=None, help="File whose first line is its password.")
@click.option("--ca", type=_FILE, default=None, help="CA of the target's certificate, for https.")
@click.option("--cert", type=_FILE, default=None, help="Our certificate, if the target asks for one.")
@click.option("--key", type=_FILE, default=None, help="Its key.")
def replay(files: tuple[Path, ...], against: str, out: Path | None, rules_file: Path | None, **given: Any) -> None:
    """Send again what came into a gateway, to another one, and compare the answers.

    FILES are captures (`vsopgw capture`), or directories of them. Exit 0: nothing differs that is not explained; 1: something does;
    2: a broken file; 3: nobody answers.
    """
    if not re.fullmatch(r"https?://[\x21-\x7e]+", against):
        raise UsageFailed(f"--against: {against!r} is no address such as http://127.0.0.1:7001")
    base = re.sub(r"/services(/.*)?$", "", against.rstrip("/"))
    try:
        captures = files_of(files)
        rules = () if rules_file is None else read_rules(rules_file)
        masked = all(read_heading(path).masked for path in captures)
    except (BrokenCapture, RulesError) as error:
        raise UsageFailed(str(error)) from None
    if out is not None:
        make_reports_dir(out)
    began, at = time.monotonic(), datetime.now(CHINA)
    tally = _run(base, captures, rules, given)
    about = {
        "target": base, "files": [str(path) for path in captures], "masked": masked, "speed": given["speed"] or "max",
        "began": at.isoformat(timespec="seconds"), "seconds": round(time.monotonic() - began, 1), "fresh": given["fresh"],
    }  # fmt: skip
    _report(tally, about, out)


def _run(base: str, captures: list[Path], rules: tuple[Rule, ...], given: dict[str, Any]) -> Tally:
    """Play all; ends the command where that cannot be done."""
    post_with, seal = _credentials(base, given)
    reactor = reactors.install()

    from twisted.internet.defer import Deferred  # noqa: PLC0415  after the reactor is chosen
    from twisted.python.failure import Failure  # noqa: PLC0415

    from gateway.soap.http_client import HttpPool  # noqa: PLC0415
    from stubs.replay.partner_port import PartnerPort, PortTaken  # noqa: PLC0415
    from stubs.replay.playing import AT_ONCE, Plan, Player, TargetGone  # noqa: PLC0415
    from stubs.replay.tally import Tally  # noqa: PLC0415

    tally, shown = Tally(), _Progress()
    pool = HttpPool(reactor, waiting_per_peer=2 * AT_ONCE, answer_bytes=8 << 20, tls=post_with)
    plan = Plan(base, given["speed"], given["deadline"], given["settle"], given["callbacks"] or given["partners"] is not None, rules)
    renewal = Renewal(os.urandom(16), given["fresh"], _shift(captures), given["replaced"])

    def told(outcome: Outcome) -> None:
        tally.note(outcome)
        shown(tally)

    port = None
    if given["partners"] is not None:
        try:
            port = PartnerPort(reactor, given["partners"], captures, renewal, rules, told)
        except PortTaken as taken:
            raise UsageFailed(f"--partners: {taken}") from None
        click.echo(f"partners are played at http://127.0.0.1:{port.port}", err=True)
    player = Player(plan, renewal, pool.post, reactor, told, seal)
    ended: list[Any] = []

    def begin() -> None:
        work = Deferred.fromCoroutine(player.play(_chosen(captures, given["only"], given["leave_out"])))
        if port is not None:
            work.addCallback(lambda _: Deferred.fromCoroutine(port.settled(every=not (given["only"] or given["leave_out"]))))
        work.addBoth(ended.append).addCallback(lambda _: pool.close()).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    if not ended:
        raise CommandFailed("interrupted", 1)
    if isinstance(ended[0], Failure):
        if isinstance(ended[0].value, TargetGone):
            raise Unreachable(str(ended[0].value))
        if isinstance(ended[0].value, BrokenCapture):
            raise UsageFailed(str(ended[0].value))
        ended[0].raiseException()
    return tally


def _chosen(captures: list[Path], only: tuple[str, ...], without: tuple[str, ...]) -> Iterator[Step]:
    for step in steps(captures):
        name = step.record.operation
        if (not only or name in only) and name not in without:
            yield step


def _shift(captures: list[Path]) -> timedelta:
    """How much later than the first file's beginning it is now, in whole seconds."""
    try:
        began = datetime.fromisoformat(read_heading(captures[0]).began)
        return timedelta(seconds=int((datetime.now(CHINA) - began).total_seconds()))
    except (ValueError, TypeError):
        raise UsageFailed(f"{captures[0]}:1: its heading does not say when it began") from None


def _credentials(base: str, given: dict[str, Any]) -> tuple[Any, Callable[..., bytes] | None]:
    """Give what verifies the target and what shows who we are."""
    from gateway.access.showing import TokenSeal, password_of  # noqa: PLC0415  only a run needs them
    from gateway.soap.tls_files import Own, TlsUnusable, calling  # noqa: PLC0415
    from stubs.replay.credentials import sealed  # noqa: PLC0415

    for first, second in (("username", "password_file"), ("cert", "key")):
        if (given[first] is None) != (given[second] is None):
            raise UsageFailed(f"--{first} and --{second.replace('_', '-')} go together")
    if base.startswith("https://") and given["ca"] is None:
        raise UsageFailed("--against: an https address needs --ca, the CA of its certificate")
    try:
        own = None if given["cert"] is None else Own(given["cert"], given["key"])
        tls = None if given["ca"] is None else calling(given["ca"], own)
        if given["username"] is None:
            return tls, None
        password = password_of(given["password_file"])
    except TlsUnusable as error:
        raise UsageFailed(str(error)) from None
    return tls, partial(sealed, seal=TokenSeal(given["username"], password, now=lambda: datetime.now(UTC), random=os.urandom))


class _Progress:
    """A line now and then: on a terminal in place, elsewhere each below the last."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _TOLD_SECONDS

    def __call__(self, tally: Tally) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _TOLD_SECONDS
        from stubs.replay.tally import Verdict  # noqa: PLC0415

        told = f"{tally.sent} sent, {tally.total(Verdict.DIFFERENT)} different"
        click.echo(f"\r{told}" if sys.stderr.isatty() else told, err=True, nl=not sys.stderr.isatty())


def _report(tally: Tally, about: dict[str, Any], out: Path | None) -> None:
    from stubs.replay import reports  # noqa: PLC0415  needs Jinja2, which only a report does
    from stubs.replay.tally import Verdict  # noqa: PLC0415

    click.echo(reports.table(tally))
    if out is not None:
        try:
            written = reports.write_reports(tally, about, out)
        except OSError as error:
            raise UsageFailed(f"{out}: {(error.strerror or 'cannot be written').lower()}") from None
        click.echo(f"{about['seconds']} s; {written[-1]}")
    if not tally.sent:
        raise CommandFailed("nothing was sent: the capture has nothing that came in, or all of it was left out", 1)
    different = tally.total(Verdict.DIFFERENT)
    if different:
        raise CommandFailed(f"{different} answers differ", 1)
