"""All faults that meet a message, done to it: an answer to what goes onto the wire, a callback to the bytes that are sent.

Must not know sockets or any framework; faults of the sequence are for whoever keeps it (stubs/kit, partner kit).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stubs.faults.edits import EDITS
from stubs.faults.rules import Met
from stubs.faults.wire import SPOILS, Sent

_STATUS = {"soap-fault": 500, "ok-with-fault": 200}


def spoil(sent: Sent, faults: Sequence[Met]) -> Sent:
    """Give what goes out in place of an answer; faults of the sequence change nothing here."""
    for met in faults:
        if met.name in EDITS:
            status = _STATUS.get(met.name, sent.status)
            sent = replace(sent, status=status, body=EDITS[met.name](sent.body, met))
        elif met.name in SPOILS:
            sent = SPOILS[met.name](sent, met)
    return sent


def spoil_request(body: bytes, content_type: str, faults: Sequence[Met]) -> tuple[bytes, str]:
    """Give body and Content-Type of a message of our own that goes out instead of a callback."""
    sent = spoil(Sent(200, body, content_type), faults)
    return sent.body, sent.content_type
