"""`vsopgw stub fault`: the faults that stubs can show, and which are set at a running set."""

from __future__ import annotations

import json
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.stub_api import StubApi, address
from stubs.faults.catalogue import FAULTS, Fault, spoils
from stubs.faults.reading import RuleMistakes, read_rules, read_words
from stubs.kit.admin_faults import fault_as_json
from stubs.kit.tables import not_toml

WIDTH = 110
_stub = click.option(
    "--url", "--stub", "api", default=None, callback=address, metavar="URL",
    help="Address of the stub set; default: the first set of the lab, http://127.0.0.1:7115.",
)  # fmt: skip
_output = click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def fault() -> None:
    """Let stubs show faults on purpose: late, broken, wrong, twice or never. docs/stub-faults.md has them all."""


@fault.command("list")
@click.argument("name", required=False)
@_output
def list_faults(name: str | None, output: str) -> None:
    """Every fault of the catalogue, or NAME with its parameters."""
    if name is not None and name not in FAULTS:
        raise UsageFailed(_wrong([("fault", f"there is no {name}; `vsopgw stub fault list` shows all")]))
    chosen = list(FAULTS.values()) if name is None else [FAULTS[name]]
    if output == "json":
        click.echo(json.dumps([fault_as_json(one) for one in chosen], ensure_ascii=False, indent=1))
        return
    for one in chosen:
        click.echo(f"{one.name:<24}{one.layer.name.lower():<12}{one.zh} / {one.en}" if name is None else _whole(one))


def _whole(one: Fault) -> str:
    acts = {None: "always acts", True: "acts, unless acts=false", False: "does nothing, unless acts=true"}[one.acts]
    lines = [f"{one.name}: {one.zh} / {one.en}", f"  spoils {' or '.join(spoils(one))}; the party {acts}"]
    for parameter in one.parameters:
        lines.append(f"  {parameter.name}={parameter.default}  {parameter.expected()}: {parameter.zh} / {parameter.en}")
    return "\n".join(lines)


@fault.command("set")
@click.argument("name", required=False)
@click.argument("words", nargs=-1, metavar="[KEY=VALUE ...]")
@click.option("--file", type=click.Path(path_type=Path), help="[[faults]] tables of a TOML file instead of one fault by NAME.")
@_stub
def set_fault(name: str | None, words: tuple[str, ...], file: Path | None, api: StubApi) -> None:
    """Set a fault at a running set.

    KEY is a parameter of the fault, or who is met: role, operation, number, suffix, share (0 to 1), first, every, on (answer, callback),
    acts (whether the party does what it is asked), seed, id (to take the place of a rule).

    vsopgw stub fault set malformed-xml role=xplatform operation=serverAction suffix=0001 first=1
    """
    if (name is None) == (file is None):
        raise UsageFailed("stub fault set: give either the NAME of a fault or --file")
    if file is not None:
        rules = _read(file)
    else:
        try:
            rules = [{"fault": name, **read_words(words)}]
        except RuleMistakes as wrong:
            raise UsageFailed(_wrong(wrong.mistakes)) from None
    for rule in rules:
        click.echo(_line(api.call("POST", "faults", rule)))


def _read(file: Path) -> list[dict[str, Any]]:
    """Read the tables of a file; those of who is met are judged where the roles are known, by the set."""
    try:
        text = file.read_text("utf-8")
        tables = tomllib.loads(text)
    except OSError:
        raise UsageFailed(f"{file}: cannot be read") from None
    except UnicodeError:
        raise UsageFailed(f"{file}:1: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageFailed(f"{file}:{not_toml(error, text)}") from None
    written: list[dict[str, Any]] = tables.get("faults", [])
    _, mistakes = read_rules(written, text, "faults", None)
    mistakes += [(1, f"unknown table [{name}]; write [[faults]] tables") for name in tables if name != "faults"]
    if mistakes or not written:
        raise UsageFailed("\n".join(f"{file}:{line}: {said}" for line, said in mistakes) or f"{file}:1: there is no [[faults]] table")
    return written


@fault.command()
@_stub
@_output
def show(api: StubApi, output: str) -> None:
    """Show which faults are set at a running set, and how many messages each has met."""
    told = api.call("GET", "faults")
    if output == "json":
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    elif not told["rules"]:
        click.echo("no faults are set")
    for one in told["rules"] if output == "text" else ():
        click.echo(f"{_line(one)}; met {one['met']} of {one['fitted']}")


@fault.command()
@click.argument("rule_id", required=False, metavar="[ID]")
@_stub
def clear(rule_id: str | None, api: StubApi) -> None:
    """Take all rules away from a running set, or the one of this ID."""
    left = api.call("POST", "faults/clear" if rule_id is None else f"faults/clear/{rule_id}", {})
    click.echo(f"{len(left['rules'])} set")


def _line(one: dict[str, Any]) -> str:
    rule = dict(one["rule"])
    words = [f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in rule.items() if key not in ("id", "fault")]
    return " ".join([f"{rule['id']}: {rule['fault']}", *words])


def _wrong(mistakes: list[tuple[str, str]]) -> str:
    return "\n".join(textwrap.fill(f"stub fault: {key}: {said}", WIDTH, subsequent_indent="  ") for key, said in mistakes)
