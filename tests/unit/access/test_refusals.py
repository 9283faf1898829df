"""Refusals in the audit log: the first at once, the rest counted."""

from __future__ import annotations

from callers import Time

from gateway.access.refusals import MINUTE, Refusals
from gateway.errors import NOT_AUTHENTICATED, OVER_RATE


class Log:
    def __init__(self) -> None:
        self.time, self.rows = Time(), []
        self.refusals = Refusals(self.time, self.rows.append)

    def note(self, partner="portal", result=NOT_AUTHENTICATED, address="192.0.2.7"):
        self.refusals.note("call.refused", partner, "vsop/orderStateQry", address, result)

    def told(self):
        return [(row.subject, row.outcome) for row in self.rows]


def test_first_at_once():
    """Who, why, what and from where."""
    log = Log()
    log.note()
    row = log.rows[0]
    assert (row.who, row.act, row.subject, row.why, row.outcome) == (
        "gateway", "call.refused", "portal", "2004 authentication failed", "vsop/orderStateQry from 192.0.2.7",
    )  # fmt: skip


def test_flood_is_counted():
    """Ten thousand of a kind are two lines a minute."""
    log = Log()
    for n in range(10_000):
        log.note(address=f"192.0.2.{n % 256}")
    log.time.pass_by(MINUTE)
    assert log.told() == [
        ("portal", "vsop/orderStateQry from 192.0.2.0"), ("portal", "9999 more within a minute, the last from 192.0.2.15"),
    ]  # fmt: skip


def test_flood_that_goes_on_has_a_line_a_minute():
    """In the second minute it is counted from the first message on."""
    log = Log()
    for _ in range(2):
        log.note()
        log.note()
        log.time.pass_by(MINUTE)
    assert [outcome.partition(",")[0] for _, outcome in log.told()[1:]] == ["1 more within a minute", "2 more within a minute"]


def test_kinds_apart():
    """A partner and a code are a kind; strangers are one."""
    log = Log()
    for partner, result in (("portal", NOT_AUTHENTICATED), ("portal", OVER_RATE), ("", NOT_AUTHENTICATED), ("", NOT_AUTHENTICATED)):
        log.note(partner, result)
    assert [subject for subject, _ in log.told()] == ["portal", "portal", "stranger"]


def test_quiet_after_a_minute():
    """Nothing is left to do, and the next one is a first one again."""
    log = Log()
    log.note()
    log.time.pass_by(MINUTE)
    quiet = list(log.time.later)
    log.note()
    assert (quiet, len(log.rows)) == ([], 2)


def test_flush():
    """What is counted when the process ends is written."""
    log = Log()
    log.note()
    log.note()
    log.refusals.flush()
    assert log.told()[1:] == [("portal", "1 more, the last from 192.0.2.7")]
