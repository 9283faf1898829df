"""The witness: finds at the stubs when a step happened that VSOP does not see, by what the section says of who saw it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gateway.cli.stub_client import witness
from gateway.flows.sections import SECTIONS

NUMBER = "18907910001"
BEGUN = {
    "trace_id": "T", "channel_order_id": "C1", "streaming_no": "211000001", "action": "subscribe",
    "arrows": [{"receiver": "smshall", "at": "2026-11-23T12:00:05.000123+08:00"}],
}  # fmt: skip


@dataclass
class Stubs:
    """Answers as a stub set does, and remembers what it was asked."""

    entries: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def journal(self, **wanted):
        self.asked.append(wanted)
        return [e for e in self.entries if all(e.get(key) == value for key, value in wanted.items())]

    def ledger(self, name, **wanted):
        self.asked.append((name, wanted))
        return [row for row in self.rows.get(name, ()) if all(row.get(key) == value for key, value in wanted.items())]


def entry(role, operation, at, *, trace=None, **fields):
    return {
        "role": role, "operation": operation, "at": at, "fields": fields, "trace": trace,
        "order": fields.get("OrderId") or fields.get("OrigOrderId"), "streaming_no": fields.get("StreamingNo"),
    }  # fmt: skip


def row(at, *, order=None, number=NUMBER):
    return {"at": at, "order": order, "number": number}


def outside(section, number):
    return next(step for step in SECTIONS[section].outside if step.number == number)


def seen(stubs, section, number, **more):
    return witness(stubs, NUMBER)(outside(section, number), {**BEGUN, **more})


JOURNALS = {
    "user's confirmation, by StreamingNo": ("4.1.1", "1", entry("portal", "confirm", "t", StreamingNo="211000001")),
    "ISMP's fee check, end to end": ("4.1.2", "2c", entry("ocs", "feeCheck", "t", trace="T")),
    "customer order, by OrderId": ("3.2.1", "3a", entry("provisioning", "submitCustomerOrder", "t", OrderId="C1")),
    "receipt, by OrigOrderId": ("3.2.1", "5c", entry("crm", "orderReceipt", "t", OrigOrderId="C1")),
    "archive, by OrderId": ("3.2.1", "6", entry("billing", "archiveOrder", "t", OrderId="C1")),
    "clerk's acceptance, by OrderId": ("3.2.2", "1", entry("crm", "accept", "t", OrderId="C1")),
    "clerk's configuration, by StreamingNo": ("2.2", "1a", entry("ismp", "configure-product", "t", StreamingNo="211000001")),
}  # fmt: skip


@pytest.mark.parametrize("case", JOURNALS)
def test_message_in_a_journal(case):
    """It is found by role, operation and the number that its section names; another case's is not."""
    section, number, found = JOURNALS[case]
    others = [
        {
            **found,
            "at": "other",
            "fields": dict.fromkeys(found["fields"], "9"),
            "trace": "9",
            "order": "9",
            "streaming_no": "9",
        }
    ]
    assert (seen(Stubs([*others, found]), section, number), seen(Stubs(others), section, number)) == ("t", None)


def test_first_message_counts():
    """A message that was sent again happened when it first came."""
    twice = [entry("billing", "archiveOrder", at, OrderId="C1") for at in ("t1", "t2")]
    assert seen(Stubs(twice), "3.2.1", "6") == "t1"


def test_row_of_a_ledger():
    """What a platform did for a case is found by its end-to-end id."""
    stubs = Stubs(rows={"user-change": [row("other", order="9"), row("t", order="T")]})
    assert seen(stubs, "3.1b", "4") == "t"


@pytest.mark.parametrize(
    ("action", "ledger"), [("unsubscribe", "deactivation"), ("suspend", "suspension"), ("resume", "resumption")]
)
def test_other_acts_stand_in_other_ledgers(action, ledger):
    """What mirrors a subscription is looked for where the platform writes it."""
    assert seen(Stubs(rows={ledger: [row("t", order="T")]}), "4.1.2", "2d", action=action) == "t"


def test_message_that_names_no_order():
    """The user's SMS is the one that came after the SMS hall was told, to the millisecond."""
    early, ours = row("2026-11-23T12:00:04.999+08:00"), row("2026-11-23T12:00:05.000+08:00")
    assert seen(Stubs(rows={"sms": [early, ours]}), "4.1.1", "2i") == ours["at"]


def test_user_of_whom_nobody_was_told():
    """Without a message to the SMS hall there is no SMS of this case."""
    assert seen(Stubs(rows={"sms": [row("2026-11-23T12:00:05.000+08:00")]}), "4.1.1", "2i", arrows=[]) is None
