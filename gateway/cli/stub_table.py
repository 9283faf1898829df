"""The addresses of running stub sets as a table for people; the ready line for programs stays JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stubs.kit.host import StubHost

PARTIES = {
    "ocs": "OCS 在线计费", "billing": "billing 计费", "ismp": "ISMP 综合业务管理平台", "ismp-b": "ISMP-B 业务领航", "ismp-m": "ISMP-M 移动",
    "ismp-w": "ISMP-W WAP", "xplatform": "X platform X业务平台", "portal": "web portal 网厅", "smshall": "SMS hall 短信营业厅",
    "crm": "CRM 客户管理", "provisioning": "provisioning 服务开通", "ppm": "PPM 产品管理", "vsop": "VSOP 订购平台 (group or foreign)",
}  # fmt: skip

_HEAD = ("role", "system", "endpoint (its contract: ?wsdl)", "party")


def show(hosts: Iterable[StubHost]) -> None:
    """Print what is served where, and how one goes on."""
    for host in hosts:
        base = f"http://127.0.0.1:{host.port}"
        rows = [(name, role.system, f"{base}/services/{name}", PARTIES.get(name, name)) for name, role in host.roles.items()]
        click.echo(f"\n{host.settings.name}: calls go to {host.gateway or 'the set itself, no gateway is set'}")
        widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(3)]
        for row in (_HEAD, *rows):  # the party stands last: its characters are of two widths
            click.echo("  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))
        click.echo(f"  journal {base}/_stub/journal, all of the admin API {base}/_stub/openapi.json")
    click.echo("\nCtrl-C stops them / 按Ctrl-C停止")
