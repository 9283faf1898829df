"""`vsopgw ppm`: files applications, decides those that wait for an audit, shows the delivery ledger, sends one cell again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.admin.ppm import Decision, Resend
from gateway.cli.admin_client import AdminClient
from gateway.cli.applications import check, entries
from gateway.cli.applying import Applying
from gateway.cli.datafiles import DataMistakes
from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.lab import default_lab, load_lab
from gateway.cli.operator import operator
from gateway.cli.serve import load
from gateway.domain.catalogue_change import ObjectKind
from gateway.errors import RESULTS
from gateway.vocabulary import CHINA

PPMS = click.option(
    "-c", "--config", "files", multiple=True, type=click.Path(path_type=Path),
    help="Configuration of a running gateway that serves PPM; may be repeated. Default: those of the lab.",
)  # fmt: skip
OUTPUT = click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
KIND = click.argument("kind", type=click.Choice([str(kind) for kind in ObjectKind]))


def ppms(files: tuple[Path, ...]) -> dict[str, AdminClient]:
    """The PPMs that a command speaks to, by province."""
    configs = [load(file, {}) for file in files] or [g.config for g in load_lab(default_lab()).gateways]
    served = {c.gateway.province: AdminClient.of(c) for c in configs if c.ppm.serve}
    if not served:
        raise UsageFailed("none of these gateways serves PPM: see [ppm] serve in their configuration")
    return served


@click.group()
def ppm() -> None:
    """Product management (PPM): applications, audit, delivery of the catalogue."""


@ppm.command()
@click.argument("file", type=click.Path(path_type=Path))
@PPMS
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait where a gateway, or an object, is busy.")
@click.option("--resume", is_flag=True, help="Pass over what is there already: the file has been filed in part before.")
def apply(file: Path, files: tuple[Path, ...], wait: float, resume: bool) -> None:
    """File the products, offers and changes of state of FILE (TOML), each with the PPM of its province; exit 1 if one is refused."""
    try:
        count = check(file)
    except DataMistakes as mistakes:
        raise UsageFailed(str(mistakes)) from None
    prefix = f"P{datetime.now(CHINA):%Y%m%d%H%M%S%f}"
    applying = Applying(ppms(files), prefix, wait, click.echo, resume)
    applying.run(entries(file), count)
    passed = f", {applying.passed_over} there already" if resume else ""
    click.echo(f"{file}: {applying.filed} filed, {applying.refused} refused{passed}")
    if applying.refused:
        raise click.exceptions.Exit(1)


@ppm.group()
def audit() -> None:
    """Applications that wait for a person ([ppm] audit = "held")."""


@audit.command("list")
@PPMS
@OUTPUT
def list_audits(files: tuple[Path, ...], output: str) -> None:
    """List what waits, the oldest first."""
    found = [{**row, "ppm": client.name} for client, row in _waiting(ppms(files))]
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(_audit_line(row) for row in found) or "nothing waits for an audit")


@audit.command()
@click.argument("application")
@PPMS
def approve(application: str, files: tuple[Path, ...]) -> None:
    """Approve an application, by its id or by CRM's ApplicationId."""
    _decide(ppms(files), application, Decision(True, who=operator()))


@audit.command()
@click.argument("application")
@click.option("--why", required=True, help="What CRM is told as the opinion.")
@PPMS
def reject(application: str, why: str, files: tuple[Path, ...]) -> None:
    """Reject an application, by its id or by CRM's ApplicationId."""
    _decide(ppms(files), application, Decision(False, why, operator()))


@ppm.command()
@KIND
@click.argument("object_id", metavar="ID")
@PPMS
@OUTPUT
def status(kind: str, object_id: str, files: tuple[Path, ...], output: str) -> None:
    """Show the delivery ledger of a product or offer: what became of each version at each target."""
    found = _ledgers(ppms(files), kind, object_id)
    if output == "json":
        click.echo(json.dumps({client.name: ledger for client, ledger in found}, ensure_ascii=False, indent=2))
        return
    for client, ledger in found:
        master = ledger["master"]
        state = f"version {master['version']}, {master['status']}" if master else "told before PPM kept it"
        click.echo(f"{kind} {object_id} at {client.name}: {state}")
        click.echo(_table(ledger["cells"]))


@ppm.command()
@KIND
@click.argument("object_id", metavar="ID")
@click.argument("target")
@PPMS
def resend(kind: str, object_id: str, target: str, files: tuple[Path, ...]) -> None:
    """Deliver the newest version of a product or offer to TARGET again, such as ocs or xplatform:303."""
    client, _ = _ledgers(ppms(files), kind, object_id)[0]
    sent = client.post("deliveries", msgspec.json.encode(Resend(ObjectKind(kind), object_id, target, operator())))
    click.echo(f"{kind} {object_id} version {sent['version']} ({sent['status']}) to {target}: delivery {sent['id']}")


def _asked(clients: dict[str, AdminClient], ask: Callable[[AdminClient], Any]) -> list[tuple[AdminClient, Any]]:
    """Ask every PPM; those that give no answer are told, and it is exit 3 if none does."""
    found, unreachable = [], []
    for client in clients.values():
        try:
            found.append((client, ask(client)))
        except Unreachable as error:
            unreachable.append(error.message)
    if not found:
        raise Unreachable("\n".join(unreachable))
    for line in unreachable:
        click.echo(line, err=True)
    return found


def _waiting(clients: dict[str, AdminClient]) -> list[tuple[AdminClient, dict[str, Any]]]:
    answers = _asked(clients, lambda client: client.get("audits"))
    return sorted(((client, row) for client, rows in answers for row in rows), key=lambda found: found[1]["at"])


def _decide(clients: dict[str, AdminClient], application: str, decision: Decision) -> None:
    found = [(client, row) for client, row in _waiting(clients) if application in (row["id"], row["application"])]
    if not found:
        raise CommandFailed(f"no application {application} waits for an audit", 1)
    if len(found) > 1:
        raise CommandFailed(f"several applications are called {application}: name it by its id", 1)
    ((client, row),) = found
    client.post(f"audits/{row['id']}", msgspec.json.encode(decision))
    word = "approved" if decision.approve else "rejected"
    click.echo(f"{client.name}: {word} {row['id']}: {row['action']}, {row['kind']} {row['object']}")


def _audit_line(row: dict[str, Any]) -> str:
    line = (
        f"{row['id']}  {row['at'][:19]}  {row['section']}  {row['action']} {row['object']} {row['name_zh']} {row['name_en']}"
        f"  ({row['system']} {row['application']})"
    )
    return f"{line}\n    the rules object: {row['objection']}" if row["objection"] else line


def _ledgers(clients: dict[str, AdminClient], kind: str, object_id: str) -> list[tuple[AdminClient, dict[str, Any]]]:
    found = [(c, answer) for c, answer in _asked(clients, lambda c: c.get(f"deliveries/{kind}:{object_id}")) if answer]
    if not found:
        raise CommandFailed(f"no {kind} {object_id} at {', '.join(c.name for c in clients.values())}", 1)
    return found


def _table(cells: list[dict[str, Any]]) -> str:
    if not cells:
        return "  told to nobody yet"
    head = ("target", "version", "status", "state", "code", "time")
    rows = [
        (c["target"], str(c["version"]), c["status"], c["state"], _code(c["code"]), c["at"][:19].replace("T", " "))
        for c in cells
    ]
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head) - 1)]
    lines = ["  ".join([*(v.ljust(w) for v, w in zip(row, widths, strict=False)), row[-1]]) for row in (head, *rows)]
    return "\n".join(f"  {line}" for line in lines)


def _code(code: int) -> str:
    known = RESULTS.get(code)
    return str(code) if code == 0 or known is None else f"{code} {known.en}"
