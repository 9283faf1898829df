"""Our side of the comparisons: how the gateway is started and fed. The only file of bench/ that may know the gateway."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType

from bench.orders import OrderLoad, mobile_number, run_orders
from bench.processes import LOGS, ROOT, Memory, Running, read_memory, running
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
def start_ours_gateway(
    core: int | str,
    partners: str,
    directory: Path,
    *,
    subscribers: int = 40_000,
    name: str = "ours-gateway",
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[Running]:
    """Start one provincial gateway process, `vsopgw serve`, with its SQLite store (synchronous FULL) in an empty directory.

    Every partner's address is `partners` + /services/{ocs,xplatform,billing,portal,smshall}. The subscribers are postpaid:
    an order is then four calls out (serverAction, subsInstSynToHB, subResultFromVSOP, subResultToUser), as many as the
    peer's (feeCheck, serverAction, subsInstSynToHB, subResultFromVSOP). `settings` go over ours; a directory that was used goes on, with
    0 subscribers to load.
    """
    numbers = directory / "numbers.toml"
    segments = "\n".join(f'{1330000 + n} = "15"' for n in range(FIRST_SEGMENTS))
    numbers.write_text(f"[mobile]\n{segments}\n")
    values = {
        "gateway.port": 0, "ppm.serve": "false", "gateway.state_dir": directory / "state", "numbers.plan": numbers, "log.level": "warn",
        **{f"partners.{role}.url": f"{partners}/services/{role}" for role in ("ocs", "billing", "smshall")},
        "partners.xplatform.303.url": f"{partners}/services/xplatform",
        "partners.channel.211.url": f"{partners}/services/portal", **settings,
    }  # fmt: skip
    options = [item for key, value in values.items() for item in ("--set", f"{key}={value}")]
    command = [sys.executable, "-m", "gateway", "serve", "-c", str(ETC / "provincial.toml"), *options]
    with running(name, command, core=core) as gateway:
        ready = next(line for line in (LOGS / f"{name}.out").read_text().splitlines() if '"admin_port"' in line)
        token = (directory / "state" / "admin.token").read_text().strip()
        _ADMIN[gateway.pid] = f"http://127.0.0.1:{json.loads(ready)['admin_port']}/v1", token
        if subscribers:
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


# ---- authorisation bench ---------------------------------------------------------------------------------------------
def measure_authorisation(core: int) -> dict[str, float]:
    """Judge orders of 20 products by a user who holds 50; gives microseconds of processor time for a decision, by kind of order."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.ours_authorise"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: the process of authorisation ended with {done.returncode}: {done.stderr[-600:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


# ---- TLS bench -------------------------------------------------------------------------------------------------------
def measure_mtls(core: int, turns: int) -> dict[str, float]:
    """Give the endpoint's microseconds of processor time for a request: plain, over TLS, and over TLS with client certificates."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.ours_tls", "--turns", str(5 * turns)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: the process of TLS ended with {done.returncode}: {done.stderr[-600:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


def measure_token(core: int) -> dict[str, float]:
    """Answer messages without and with a UsernameToken; gives microseconds of processor time for each kind."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.ours_token"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: the process of tokens ended with {done.returncode}: {done.stderr[-600:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


def measure_capture(core: int) -> dict[str, float]:
    """Answer messages with the capture off and on; gives microseconds of processor time for each."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.ours_capture"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: the process of captures ended with {done.returncode}: {done.stderr[-600:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


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


# ---- query bench ----------------------------------------------------------------------------------------------------
def fill_subscriptions(core: int, stored: int, file: Path) -> None:
    """Make a store with so many subscriptions, 20 for each number."""
    _ours_query(core, stored, file, "--fill")


def measure_queries(core: int, stored: int, file: Path) -> tuple[float, float]:
    """Ask such a store for one number after the other; gives microseconds for a query, and for the store's part of it."""
    told = _ours_query(core, stored, file)
    return told["us_per_query"], told["us_per_read"]


def _ours_query(core: int, stored: int, file: Path, *options: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.ours_query", str(file), "--stored", str(stored), *options]
    done = subprocess.run(["taskset", "-c", str(core), *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: the query's process ended with {done.returncode}: {done.stderr[-600:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


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
