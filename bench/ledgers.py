"""What partners have on record against what a gateway has: nothing lost, nothing doubled.

A partner that answers keeps a line for each order of each contract: the StreamingNos under which it came. It must not know how the
gateway works; the gateway's database is read when it is closed.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

PRODUCTS = 4
"""Relations that each order begins."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison found."""

    lost: int
    """Orders taken that did not end completed, or of which a partner never heard."""
    doubled: int
    """Orders that came to a partner under more than one StreamingNo, or that no order of the gateway belongs to."""
    repeated: int
    """Messages that came again under their own number: harmless, a partner answers them as it did."""


def compare(stub_port: int, database: Path, taken: int) -> Verdict:
    """Compare the ledgers with the database of a gateway that has ended."""
    with urlopen(f"http://127.0.0.1:{stub_port}/ledger", timeout=120) as response:
        ledger: Mapping[str, Mapping[str, int]] = json.load(response)
    with closing(sqlite3.connect(database)) as store:
        rows = store.execute("SELECT id, channel_order_id, number, state FROM orders").fetchall()
        held = store.execute("SELECT count(*) FROM relations WHERE state = 'active'").fetchone()[0]
    ours, theirs, users = ({row[column] for row in rows if row[3] == "10F"} for column in range(3))
    lost, doubled = taken - len(ours), len(rows) - taken
    for contract, done in {"xplatform": ours, "billing": ours, "portal": theirs, "smshall": users}.items():
        known = ledger["numbers"][contract]
        lost += len(done - known.keys())
        doubled += len(known.keys() - done) + sum(numbers > 1 for numbers in known.values())
    lost += abs(taken * PRODUCTS - held)
    return Verdict(lost, doubled, sum(ledger["again"].values()))
