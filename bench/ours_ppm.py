"""Our side of the catalogue's fan-out: a gateway that serves PPM, its command line that files products, its count of deliveries."""

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.processes import LOGS, ROOT, Running, running

CONFIG = """
[gateway]
tier = "province"
province = "15"
port = {port}
state_dir = "{state}"
[admin]
port = {admin_port}
[log]
level = "warn"
[numbers]
plan = "{root}/etc/numbers.toml"
[ppm]
serve = true
[partners.vsop.15]
url = "{partners}/services/vsop"
[partners.xplatform.303]
url = "{partners}/services/xplatform"
[partners.ocs]
url = "{partners}/services/ocs"
[partners.crm]
url = "{partners}/services/crm"
"""
PRODUCT_TABLE = """[[product]]
id = "F{number:09d}"
name_zh = "产品"
name_en = "product"
sp = "15000001"
owner = "200"
platform = "303"
scope = "provincial"
province = "15"
"""
_ADMIN: dict[int, tuple[str, str]] = {}
"""Gateway's pid to (admin URL, token)."""


def product_table(number: int) -> str:
    """Give the table of one new product in a file of applications."""
    return PRODUCT_TABLE.format(number=number)


def write_config(config: Path, partners: str, directory: Path) -> None:
    """Write the configuration of a provincial gateway that serves PPM: VSOP, X, OCS and CRM are targets at `partners`."""
    port, admin_port = _free_ports(2)
    values = {"port": port, "admin_port": admin_port, "state": directory / "state", "root": ROOT, "partners": partners}
    config.write_text(CONFIG.format(**values), encoding="utf-8")


@contextmanager
def start_gateway(core: int, config: Path, directory: Path, *, name: str) -> Iterator[Running]:
    """Start the gateway of such a configuration, with its SQLite store (synchronous FULL), or start it again."""
    command = [sys.executable, "-m", "gateway", "serve", "-c", str(config)]
    with running(name, command, core=core) as gateway:
        ready = next(line for line in (LOGS / f"{name}.out").read_text().splitlines() if '"admin_port"' in line)
        token = (directory / "state" / "admin.token").read_text().strip()
        _ADMIN[gateway.pid] = f"http://127.0.0.1:{json.loads(ready)['admin_port']}/v1", token
        partner = {"id": "15000001", "name_zh": "伙伴", "name_en": "partner"}
        _admin(gateway, "catalogue", {"products": [], "offers": [], "partners": [partner]})
        yield gateway


def file_products(config: Path, file: Path, *, core: int, name: str, resume: bool) -> subprocess.Popen[bytes]:
    """Start `vsopgw ppm apply`; what it says is in bench/var/."""
    more = ["--resume"] if resume else []
    command = [sys.executable, "-m", "gateway", "ppm", "apply", str(file), "-c", str(config), *more]
    with (LOGS / f"{name}.out").open("wb") as out:
        return subprocess.Popen(["taskset", "-c", str(core), *command], stdout=out, stderr=out, cwd=ROOT)


def count_cells(gateway: Running) -> dict[str, int]:
    """Count the cells of the delivery ledger by state."""
    counts: dict[str, int] = _admin(gateway, "deliveries")
    return counts


def _admin(gateway: Running, path: str, body: object = None) -> Any:
    url, token = _ADMIN[gateway.pid]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/{path}", data, {"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
