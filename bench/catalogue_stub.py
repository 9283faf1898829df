"""The targets of the catalogue as one cheap process: VSOP, an X platform, OCS, CRM and billing answer every message with success.

It must not know who calls it, and it validates nothing. Beside /services/<target> it answers GET /counts: how many messages came, how
many different ones, how often one came again under its number (`again`), and under another number (`twice`).
"""

import argparse
import asyncio
import json
import re

import uvloop

from bench.partner_stub import ENVELOPE, PLAIN, STREAMING_NO, Connection

OPERATION = re.compile(rb"<(?:[\w.-]+:)?(productInfoSync|PPOfferInfoSync|notifyProductTest)[ >]")
OBJECT = re.compile(rb"<(?:[\w.-]+:)?(?:ProductID|ProductOfferID|ObjectID)>([0-9A-Za-z._-]+)<")
VERSION = re.compile(rb"<(?:[\w.-]+:)?Version>([0-9]+)<")
TARGETS = frozenset(
    {b"/services/vsop", b"/services/xplatform", b"/services/ocs", b"/services/crm", b"/services/billing"}
)


class Targets:
    """What all targets remember: each message by target, operation, object and version, with the number that it came under."""

    def __init__(self) -> None:
        self.counts = {"messages": 0, "different": 0, "again": 0, "twice": 0}
        self._seen: dict[tuple[bytes, bytes, bytes, bytes], bytes] = {}

    def call(self, path: bytes, body: bytes) -> bytes | None:
        """Answer one SOAP call; None: no such target, or not a message of the catalogue."""
        found = [pattern.search(body) for pattern in (OPERATION, OBJECT, VERSION, STREAMING_NO)]
        if path not in TARGETS or None in found:
            return None
        operation, object_id, version, streaming_no = (match[1] for match in found if match is not None)
        self._note((path, operation, object_id, version), streaming_no)
        contract = path.decode().rpartition("/")[2]
        return (
            ENVELOPE % PLAIN.format(contract=contract, operation=operation.decode()) % streaming_no.decode()
        ).encode()

    def _note(self, key: tuple[bytes, bytes, bytes, bytes], streaming_no: bytes) -> None:
        self.counts["messages"] += 1
        former = self._seen.get(key)
        if former is None:
            self._seen[key] = streaming_no
            self.counts["different"] += 1
        else:
            self.counts["again" if former == streaming_no else "twice"] += 1


async def _serve(port: int) -> None:
    targets = Targets()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(targets), "127.0.0.1", port)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve on the loopback until killed; print one JSON line with the port when ready."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0, help="0: any free one, told in the ready line")
    uvloop.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
