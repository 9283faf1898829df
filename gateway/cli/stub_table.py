"""The addresses of running stub sets as a table for people; the ready line for programs stays JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from stubs.kit.host import StubHost

PARTIES = {
    "ocs": "OCS 在线计费", "billing": "billing 计费", "ismp": "ISMP 综合业务管理平台", "ismp-b": "ISMP-B 业务领航", "ismp-m": "ISMP-M 移动",
    "ismp-w": "ISMP-W WAP", "xplatform": "X platform X业务平台", "portal": "web portal 网厅", "smshall": "SMS hall 短信营业厅",
    "crm": "CRM 客户管理", "provisioning": "provisioning 服务开通", "ppm": "PPM 产品管理", "vsop": "VSOP 订购平台 (group or foreign)",
}  # fmt: skip


def show(hosts: Iterable[StubHost]) -> None:
    """Print what is served where, and how one goes on."""
    console = Console(highlight=False, soft_wrap=True)
    hosts = list(hosts)
    for host in hosts:
        base = f"http://127.0.0.1:{host.port}"
        calls = host.gateway or "none: the set calls itself for what it plays"
        table = Table(title=f"{host.settings.name} · gateway {calls}", title_justify="left", show_edge=False)
        for column in ("role", "party", "system", "endpoint (?wsdl for its contract)"):
            table.add_column(column)
        for name, role in host.roles.items():
            table.add_row(name, PARTIES.get(name, name), role.system, f"{base}/services/{name}")
        console.print(table)
        console.print(f"admin API {base}/_stub/journal · /_stub/openapi.json\n")
    console.print("Ctrl-C stops them / 按Ctrl-C停止")
