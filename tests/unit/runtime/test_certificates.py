"""Certificates of a running gateway: what is told of their end, of changed files, and of callers whom TLS refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from certificates import Authority, write
from twisted.internet.task import Clock

from gateway.runtime.certificates import LOOK, Certificates, Refusals
from gateway.soap.tls_files import MODERN, Own, serving


class Watch:
    """A watch over one served certificate, on a clock that is moved by hand."""

    def __init__(self, directory, ends=timedelta(days=90)):
        self.clock = Clock()
        self.began = datetime.now(UTC)
        self.told: list[tuple[str, dict[str, object]]] = []
        self.refusals = Refusals(self.events)
        self.ca = Authority(directory)
        self.pair = self.ca.issue("vsop", ends=ends)
        self.context = serving(
            Own(self.pair.pem, self.pair.key_file), None, minimum="1.2", ciphers=MODERN, certificate_required=False
        )
        self.watch = Certificates(
            reactor=self.clock, now=lambda: self.began + timedelta(seconds=self.clock.seconds()), events=self.events,
            followed={"serve": self.context}, own=[self.pair.pem], warn=timedelta(days=30), refusals=self.refusals,
        )  # fmt: skip

    def events(self, event, **fields):
        self.told.append((event, fields))

    def run(self, seconds):
        self.clock.pump([LOOK] * int(seconds / LOOK))


@pytest.fixture
def fresh(tmp_path):
    """A certificate that is good for a while."""
    watch = Watch(tmp_path)
    watch.watch.start()
    return watch


def test_nothing_to_tell(fresh):
    """A good certificate that does not change is not spoken of."""
    fresh.run(3600)
    assert fresh.told == []


def test_end_is_foretold_each_day(tmp_path):
    """From thirty days before, once a day, with the days that are left."""
    watch = Watch(tmp_path, ends=timedelta(days=20, hours=1))
    watch.watch.start()
    watch.run(2 * 86400 + LOOK)
    assert [(event, fields["days"]) for event, fields in watch.told] == [("certificate.expires", days) for days in (20, 19, 18)]


def test_expired_is_told_too(tmp_path):
    """A gateway that begins with an expired one says so at once."""
    watch = Watch(tmp_path, ends=timedelta(minutes=-5))
    watch.watch.start()
    assert [(event, fields["days"]) for event, fields in watch.told] == [("certificate.expires", -1)]


def test_renewal_is_told(fresh):
    """New files are in use within ten seconds."""
    before = fresh.context.current
    write(fresh.ca.issue("vsop"))
    fresh.run(LOOK)
    assert (fresh.told, fresh.context.current is before) == ([("certificate.renewed", {"use": "serve"})], False)


def test_bad_files_are_told_once(fresh):
    """And the former pair stays."""
    before = fresh.context.current
    fresh.pair.pem.write_text("nothing")
    fresh.run(60)
    assert [event for event, _ in fresh.told] == ["certificate.refused"]
    assert fresh.context.current is before


def test_refusals_are_counted(fresh):
    """The first of a kind at once, with its address; the others as one number each minute."""
    for _ in range(1000):
        fresh.refusals.note("192.0.2.7", "CERTIFICATE_VERIFY_FAILED")
    fresh.refusals.note("192.0.2.8", "HTTP_REQUEST")
    fresh.run(60)
    assert fresh.told == [
        ("tls.refused", {"address": "192.0.2.7", "reason": "CERTIFICATE_VERIFY_FAILED", "clients": 1}),
        ("tls.refused", {"address": "192.0.2.8", "reason": "HTTP_REQUEST", "clients": 1}),
        ("tls.refused", {"reason": "CERTIFICATE_VERIFY_FAILED", "clients": 999}),
    ]


def test_end_of_the_watch(fresh):
    """What was counted is told, and no timer is left."""
    for _ in range(2):
        fresh.refusals.note("192.0.2.7", "HTTP_REQUEST")
    fresh.watch.stop()
    assert (len(fresh.told), fresh.clock.getDelayedCalls()) == (2, [])
