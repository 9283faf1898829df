"""Our side of the comparisons: how the gateway is started and fed. The only file of bench/ that may know the gateway."""

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.orders import OrderLoad, mobile_number, run_orders
from bench.processes import LOGS, Memory, Running, read_memory, running
from bench.refusals import SUBSCRIBE_FILE

ETC = Path(__file__).parents[1] / "etc"
FIRST_SEGMENTS = 64
"""Segments 1330000 to 1330063: room for 640 000 subscribers."""
UPLOAD = 20_000
_ADMIN: dict[int, tuple[str, str]] = {}
"""Gateway's pid to (admin URL, token)."""


# ---- server benches -------------------------------------------------------------------------------------------------
def start_ours_server(core: int) -> AbstractContextManager[Running]:
    """Start our SOAP endpoint alone: it answers bench/answer.json with StreamingNo echoed, and stores nothing.

    It decodes and validates subscribe.xml in full and encodes a typed answer, as the peers do.
    """
    return running("ours-server", [sys.executable, "-m", "bench.ours_server"], core=core)


# ---- order bench ----------------------------------------------------------------------------------------------------
@contextmanager
def start_ours_gateway(core: int, partners: str, directory: Path, *, subscribers: int = 40_000) -> Iterator[Running]:
    """Start one provincial gateway process, `vsopgw serve`, with its SQLite store (synchronous FULL) in an empty directory.

    Every partner's address is `partners` + /services/{ocs,xplatform,billing,portal,smshall}. The subscribers are postpaid:
    an order is then four calls out (serverAction, subsInstSynToHB, subResultFromVSOP, subResultToUser), as many as the
    peer's (feeCheck, serverAction, subsInstSynToHB, subResultFromVSOP).
    """
    numbers = directory / "numbers.toml"
    segments = "\n".join(f'{1330000 + n} = "15"' for n in range(FIRST_SEGMENTS))
    numbers.write_text(f"[mobile]\n{segments}\n")
    values = {
        "gateway.port": 0, "gateway.state_dir": directory / "state", "numbers.plan": numbers, "log.level": "warn",
        **{f"partners.{role}.url": f"{partners}/services/{role}" for role in ("ocs", "billing", "smshall")},
        "partners.xplatform.303.url": f"{partners}/services/xplatform",
        "partners.channel.211.url": f"{partners}/services/portal",
    }  # fmt: skip
    settings = [item for key, value in values.items() for item in ("--set", f"{key}={value}")]
    command = [sys.executable, "-m", "gateway", "serve", "-c", str(ETC / "provincial.toml"), *settings]
    with running("ours-gateway", command, core=core) as gateway:
        ready = next(line for line in (LOGS / "ours-gateway.out").read_text().splitlines() if '"admin_port"' in line)
        token = (directory / "state" / "admin.token").read_text().strip()
        _ADMIN[gateway.pid] = f"http://127.0.0.1:{json.loads(ready)['admin_port']}/v1", token
        _load(gateway, subscribers)
        yield gateway


def orders_completed(gateway: Running) -> int | None:
    """Tell how many orders the gateway has ended."""
    runs: dict[str, int] = _admin(gateway, "status")["runs"]
    return runs.get("ended", 0)


def order_template() -> bytes:
    """Give the request that BOTH builds get as orders; its unique fields are replaced for each (bench.orders)."""
    return SUBSCRIBE_FILE.read_bytes()


def order_number(index: int) -> str:
    """Give the subscriber's number of the order with an index, for BOTH builds; indexes begin at 1."""
    return mobile_number(index)


# ---- memory bench ---------------------------------------------------------------------------------------------------
def measure_finished_orders(core: int, orders: int, directory: Path) -> Memory:
    """Bring a gateway to so many finished orders and read its memory."""
    stubs = running("partners-of-memory", [sys.executable, "-m", "bench.partner_stub"], core=1 - core, path="")
    with stubs as stub, start_ours_gateway(core, stub.url(), directory, subscribers=orders) as gateway:
        load = OrderLoad(
            port=gateway.port,
            path=gateway.path,
            stub_port=stub.port,
            template=order_template(),
            count=orders,
            in_flight=16,
            number=order_number,
        )
        run_orders(load)
        return read_memory(gateway.pid)


# ---- catalogue bench ------------------------------------------------------------------------------------------------
PPM_CONFIG = """
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
plan = "{etc}/numbers.toml"
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


def product_table(number: int) -> str:
    """Give the table of one new product in a file of applications."""
    return PRODUCT_TABLE.format(number=number)


def write_ppm_config(config: Path, partners: str, directory: Path) -> None:
    """Write the configuration of a provincial gateway that serves PPM: VSOP, X, OCS and CRM are targets at `partners`."""
    port, admin_port = _free_ports(2)
    values = {"port": port, "admin_port": admin_port, "state": directory / "state", "etc": ETC, "partners": partners}
    config.write_text(PPM_CONFIG.format(**values), encoding="utf-8")


@contextmanager
def start_ppm_gateway(core: int, config: Path, directory: Path, *, name: str) -> Iterator[Running]:
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
    command = [sys.executable, "-m", "gateway", "ppm", "apply", str(file), "-c", str(config), *(["--resume"] if resume else [])]
    with (LOGS / f"{name}.out").open("wb") as out:
        return subprocess.Popen(["taskset", "-c", str(core), *command], stdout=out, stderr=out, cwd=LOGS.parents[1])


def count_cells(gateway: Running) -> dict[str, int]:
    """Count the cells of the delivery ledger by state."""
    counts: dict[str, int] = _admin(gateway, "deliveries")  # type: ignore[assignment]
    return counts


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


# ---- admin API ------------------------------------------------------------------------------------------------------
def _admin(gateway: Running, path: str, body: object = None) -> dict[str, dict[str, int]]:
    url, token = _ADMIN[gateway.pid]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/{path}", data, {"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, dict[str, int]] = json.load(answer)
        return found


def _load(gateway: Running, subscribers: int) -> None:
    product = {"sp": "15000001", "owner": "200", "platform": "303", "scope": "provincial", "province": "15"}
    partner = {"id": "15000001", "name_zh": "伙伴", "name_en": "partner"}
    offer = {"name_zh": "销售品", "name_en": "offer"}
    products = [{"id": f"V1000000{n}", "name_zh": "产品", "name_en": "product", **product} for n in (1, 2, 3, 4)]
    offers = [
        {"id": "O10000001", "products": ["V10000001", "V10000002"], "type": "pure", **offer},
        {"id": "O10000002", "products": ["V10000003", "V10000004"], "type": "vas-bundle", **offer},
    ]
    _admin(gateway, "catalogue", {"products": products, "offers": offers, "partners": [partner]})
    for first in range(1, subscribers + 1, UPLOAD):
        some = range(first, min(first + UPLOAD, subscribers + 1))
        _admin(
            gateway,
            "subscribers",
            [{"number": {"digits": mobile_number(i)}, "spec": "003", "pay": "postpaid"} for i in some],
        )
