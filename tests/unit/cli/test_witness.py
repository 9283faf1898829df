"""Steps that VSOP does not see: which stub is asked for each, and by which of the matter's numbers."""

from __future__ import annotations

import pytest

from gateway.cli.stub_client import witness
from gateway.flows.sections import SECTIONS, OutsideStep, Seen

NUMBER = "18907910001"
BEGUN = {"channel_order_id": "W1", "trace_id": "T", "streaming_no": "211000001", "arrows": []}


class Stubs:
    """Stubs that answer with given rows and keep what they were asked."""

    def __init__(self, *rows: str) -> None:
        self.rows = [{"at": at} for at in rows]
        self.asked = []

    def journal(self, **wanted):
        self.asked.append(("journal", wanted))
        return self.rows

    def ledger(self, name, **wanted):
        self.asked.append((f"ledger {name}", wanted))
        return self.rows


def outside(section, number):
    """A step outside VSOP."""
    (step,) = (s for s in SECTIONS[section].outside if s.number == number)
    return step


ASKED = {
    "user at the portal": ("4.1.1", "1", ("journal", {"role": "portal", "operation": "confirm", "streaming_no": "211000001"})),
    "fee check of ISMP": ("4.1.2", "2c", ("journal", {"role": "ocs", "operation": "feeCheck", "trace": "T"})),
    "activation at ISMP": ("4.1.2", "2d", ("ledger activation", {"order": "T"})),
    "short message": ("4.1.1", "2i", ("ledger sms", {"number": NUMBER})),
    "question of CRM": ("3.2.1", "1", ("journal", {"role": "crm", "operation": "accept", "order": "W1"})),
    "answer to CRM": ("3.2.1", "2", ("journal", {"role": "crm", "operation": "decided", "order": "W1"})),
    "customer order": ("3.2.1", "3a", ("journal", {"role": "provisioning", "operation": "submitCustomerOrder", "order": "W1"})),
    "receipt": ("3.2.1", "5c", ("journal", {"role": "crm", "operation": "orderReceipt", "order": "W1"})),
    "archive of CRM": ("3.2.1", "6", ("journal", {"role": "billing", "operation": "archiveOrder", "order": "W1"})),
    "customer order about a user": ("3.1b", "1", ("journal", {"role": "provisioning", "operation": "submitCustomerOrder", "order": "W1"})),
    "user at his platforms": ("3.1b", "4", ("ledger user-change", {"order": "T"})),
    "product at ISMP": ("2.2", "1a", ("journal", {"role": "ismp", "operation": "configure-product", "streaming_no": "211000001"})),
    "offer at ISMP": ("2.3", "1a", ("journal", {"role": "ismp", "operation": "configure-offer", "streaming_no": "211000001"})),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_who_is_asked(case):
    """The stub that takes part in the step, by the number that it knows."""
    section, number, expected = ASKED[case]
    stubs = Stubs()
    witness(stubs, NUMBER)(outside(section, number), BEGUN)
    assert stubs.asked == [expected]


@pytest.mark.parametrize(
    ("section", "number"), [("4.1.1", "1"), ("4.1.2", "2d"), ("3.2.3", "4b"), ("3.1b", "4"), ("2.2", "1a")]
)
def test_when_it_happened(section, number):
    """The first entry tells; without one it did not happen."""
    step = outside(section, number)
    found = [
        witness(Stubs(*rows), NUMBER)(step, BEGUN)
        for rows in (("2026-11-23T12:00:01.000", "2026-11-23T12:00:02.000"), ())
    ]
    assert found == ["2026-11-23T12:00:01.000", None]


SENT = {
    "after ours": (["2026-11-23T12:00:05.100"], "2026-11-23T12:00:05.100"),
    "in the millisecond of ours": (["2026-11-23T12:00:05.000"], "2026-11-23T12:00:05.000"),
    "before ours": (["2026-11-23T12:00:04.999"], None),
    "one before, one after": (["2026-11-23T12:00:01.000", "2026-11-23T12:00:06.000"], "2026-11-23T12:00:06.000"),
    "none": ([], None),
}


@pytest.mark.parametrize("case", SENT)
def test_short_message_of_this_order(case):
    """A short message names no order: it is the first one to this number after we had told the SMS hall for the last time."""
    rows, expected = SENT[case]
    arrows = [
        {"receiver": to, "at": f"2026-11-23T12:00:0{s}.000123+08:00"}
        for to, s in (("smshall", 2), ("smshall", 5), ("ocs", 7))
    ]
    assert witness(Stubs(*rows), NUMBER)(outside("4.1.1", "2i"), BEGUN | {"arrows": arrows}) == expected


def test_short_message_that_we_did_not_send():
    """While the SMS hall has not been told, no message can be this order's."""
    step = OutsideStep("2i", "smshall", "user", "SMS", Seen("smshall", ledger="sms", key="number"))
    assert witness(Stubs("2026-11-23T12:00:05.000"), NUMBER)(step, BEGUN) is None


@pytest.mark.parametrize("section", SECTIONS)
def test_every_step_outside_can_be_asked_for(section):
    """No section has a step of which nobody could be asked."""
    stubs = Stubs()
    for step in SECTIONS[section].outside:
        witness(stubs, NUMBER)(step, BEGUN)
    assert len(stubs.asked) == len(SECTIONS[section].outside)
