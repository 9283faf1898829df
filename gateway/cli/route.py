"""`vsopgw route explain`: which way an order of a product would go for a number, every rule that was tried on a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.data import TARGET, clients
from gateway.cli.errors import Unreachable, UsageFailed
from gateway.domain.explaining import Outcome, Rule
from gateway.domain.numbers import Number

RULES = {
    Rule.PORTED: ("携号转网表", "ported numbers"),
    Rule.SEGMENT: ("移动号段", "mobile segment"),
    Rule.AREA: ("固话区号", "area code"),
    Rule.UNKNOWN: ("号段未知", "known to no table"),
    Rule.HOME: ("号码归属", "home of the number"),
    Rule.PRODUCT: ("产品", "product"),
    Rule.STATUS: ("产品状态", "status"),
    Rule.OWNER: ("属主", "owner"),
    Rule.SCOPE: ("范围", "scope"),
    Rule.PLATFORM: ("平台", "platform"),
    Rule.CONFIGURED: ("对端配置", "configured partner"),
    Rule.SECTION: ("流程章节", "section"),
    Rule.RESULT: ("去向", "next party"),
}
OUTCOMES = {
    Outcome.NOT_THIS: ("不适用", "not this"),
    Outcome.OK: ("通过", "ok"),
    Outcome.DECIDES: ("决定", "decides"),
    Outcome.REFUSES: ("拒绝", "refuses"),
}


@click.group()
def route() -> None:
    """Routing."""


@route.command("explain")
@click.option("--number", required=True, help="The user's number, such as 18907910001.")
@click.option("--product", required=True, help="Product code (VProductID).")
@TARGET
def explain_route(number: str, product: str, files: tuple[Path, ...]) -> None:
    """Show, for each gateway, rule by rule which way a new order goes; exit 1 if none of them finds a way.

    At the group it is the order that the number's province passes on.
    """
    try:
        digits = Number.parse(number).digits
    except ValueError:
        raise UsageFailed("--number: not a subscriber number") from None
    if not product:
        raise UsageFailed("--product: expected a product code")
    views = explanations(clients(files), digits, product)
    click.echo("\n".join(line for name, view in views for line in draw(name, view)))
    if all(view["code"] for _, view in views):
        raise click.exceptions.Exit(1)


def explanations(targets: list[AdminClient], digits: str, product: str) -> list[tuple[str, dict[str, Any]]]:
    """Ask every gateway; who does not answer is told on standard error, exit 3 if nobody does."""
    found: list[tuple[str, dict[str, Any]]] = []
    unreachable: list[str] = []
    for target in targets:
        try:
            found.append((target.name, target.get(f"route/{digits}/{product}")))
        except Unreachable as error:
            unreachable.append(error.message)
    if not found:
        raise Unreachable("\n".join(unreachable))
    for line in unreachable:
        click.echo(line, err=True)
    return found


def draw(name: str, view: dict[str, Any]) -> list[str]:
    """Write one gateway's explanation: a line for each rule, and the way or the refusal at the end."""
    lines = [f"{name}: {view['number']}, {view['product']}"]
    for tried in view["rules"]:
        zh, en = RULES[Rule(tried["rule"])]
        outcome_zh, outcome_en = OUTCOMES[Outcome(tried["outcome"])]
        lines.append(f"  {outcome_en:<9}{outcome_zh}  {en} {zh}{': ' if tried['finding'] else ''}{tried['finding']}")
    end = f"[{view['code']}] {view['text']}" if view["code"] else f"→ {view['target']} ({view['section']})"
    return [*lines, f"  {end}"]
