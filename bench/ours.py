"""Our side of the comparisons: how the gateway is started and fed. The only file of bench/ that may know the gateway.

Each function below is a seam. A starter returns a context manager of a Running (bench.processes.running makes one): the
command prints one JSON line with its "port" when it is ready, serves SOAP at /services/vsop, and ends at SIGTERM.
"""

from contextlib import AbstractContextManager
from pathlib import Path

from bench.orders import mobile_number
from bench.processes import Memory, Running
from bench.refusals import SUBSCRIBE_FILE


# ---- server benches -------------------------------------------------------------------------------------------------
def start_ours_server(core: int) -> AbstractContextManager[Running]:
    """Start our SOAP endpoint alone: it answers bench/answer.json with StreamingNo echoed, and stores nothing.

    It decodes and validates subscribe.xml in full and encodes a typed answer, as the peers do. For example:

        return running("ours-server", [sys.executable, "-m", "MODULE", "--port", "0"], core=core)
    """
    raise SystemExit("bench: start_ours_server is not connected to the gateway yet")


# ---- order bench ----------------------------------------------------------------------------------------------------
def start_ours_gateway(core: int, partners: str, directory: Path) -> AbstractContextManager[Running]:
    """Start one provincial gateway process with its SQLite store (synchronous FULL) in an empty directory.

    Every partner's address is `partners` + /services/{ocs,xplatform,billing,portal,smshall}. The catalogue has the
    offers of order_template(); the subscribers of order_number() are prepaid; SMS notices are off, so that an order is
    the same four calls out as the peer's (feeCheck, serverAction, subsInstSynToHB, subResultFromVSOP).
    """
    raise SystemExit("bench: start_ours_gateway is not connected to the gateway yet")


def orders_completed(gateway: Running) -> int | None:
    """Tell how many orders the gateway has completed since it began; None: let the portal's count stand for it."""
    return None


def order_template() -> bytes:
    """Give the request that BOTH builds get as orders; its unique fields are replaced for each (bench.orders)."""
    return SUBSCRIBE_FILE.read_bytes()


def order_number(index: int) -> str:
    """Give the subscriber's number of the order with an index, for BOTH builds; indexes begin at 1."""
    return mobile_number(index)


# ---- memory bench ---------------------------------------------------------------------------------------------------
def measure_finished_orders(core: int, orders: int, directory: Path) -> Memory:
    """Bring a gateway to so many finished orders and read its memory (bench.processes.read_memory of its pid)."""
    raise SystemExit("bench: measure_finished_orders is not connected to the gateway yet")
