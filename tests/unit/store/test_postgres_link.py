"""How statements and values go to PostgreSQL, and what an operator is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import pytest
from postgres import Cluster

from gateway.store.postgres_link import Link, Lost, complaint, encoded, place, translated


@pytest.fixture
def link(database: str) -> Iterator[Link]:
    """Give a connection."""
    opened = Link(database, statement_timeout=300)
    yield opened
    opened.close()


def test_values_are_numbered() -> None:
    """The marks of both databases' common language become PostgreSQL's, SQLite's advice goes."""
    text = translated("UPDATE t INDEXED BY t_by_a SET a = ? WHERE b = ? AND c = ?")
    assert text == "UPDATE t SET a = $1 WHERE b = $2 AND c = $3"


def test_values_are_sent_as_text() -> None:
    """Texts, whole numbers, nothing."""
    assert encoded(("铃", -7, None)) == ["铃".encode(), b"-7", None]


@pytest.mark.parametrize("value", ["a\0b", "\ud800", inf, b"x"])
def test_value_that_cannot_be_kept(value: object) -> None:
    """What would be cut short or is of no known type is an error, before anything is sent."""
    with pytest.raises((ValueError, TypeError)):
        encoded((value,))


def test_answers_come_in_order(link: Link) -> None:
    """Each statement has its own answer, with whole numbers as such."""
    answers = link.exchange([("SELECT ?::text, 7::bigint, NULL::text", encoded(("a",))), ("SELECT 1 WHERE false", ())])
    assert [(a.code, a.changed, a.rows) for a in answers] == [("", 1, [("a", 7, None)]), ("", 0, [])]


def test_first_failure_ends_an_exchange(link: Link) -> None:
    """Later statements are not run; the next exchange is not touched by it."""
    broken = link.exchange([("SELECT 1", ()), ("SELECT 1 / ?::int", encoded((0,))), ("SELECT 2", ())])
    sound = link.exchange([("SELECT 2", ())])
    assert ([a.code for a in broken], sound[0].rows) == (["", "22012", "later"], [(2,)])


def test_statement_that_cannot_be_prepared(link: Link) -> None:
    """It fails under its own code, and again the next time: nothing is taken for prepared that is not."""
    codes = [link.exchange([("SELECT nothing", ())])[0].code for _ in "12"]
    assert codes == ["42703", "42703"]


def test_slow_statement_is_ended_by_the_server(link: Link) -> None:
    """The session's limits hold."""
    assert link.exchange([("SELECT 1 FROM pg_sleep(5)", ())])[0].code == "57014"


def test_silence_ends_the_connection(link: Link) -> None:
    """What comes after the caller has stopped waiting is never taken for another statement's answer."""
    with pytest.raises(Lost, match="does not answer"):
        link.exchange([("SELECT 1 FROM pg_sleep(0.2)", ())], patience=0.05)
    with pytest.raises(Lost):
        link.exchange([("SELECT 1", ())])


def test_many_large_rows_in_one_exchange(link: Link) -> None:
    """Neither side waits for the other to read: answers are taken while statements leave."""
    text = "x" * 100_000
    answers = link.exchange([("SELECT ?::text", encoded((text,)))] * 200)
    assert {a.rows[0][0] == text for a in answers} == {True}


def test_name_of_a_host_that_is_not_known() -> None:
    """It is looked up here, and told."""
    with pytest.raises(Lost, match="the name of its host is not known"):
        Link("postgresql://vsop@nowhere.invalid/vsop")


def test_next_server_is_tried(cluster: Cluster) -> None:
    """An address may name several servers: the first that answers is taken."""
    link = Link(f"postgresql://vsop@127.0.0.1:1,localhost:{cluster.port}/postgres")
    (answer,) = link.exchange([("SELECT 1", ())])
    link.close()
    assert answer.rows == [(1,)]


def test_place_has_no_password() -> None:
    """What an operator reads, others may read over his shoulder."""
    assert place("postgresql://vsop:secret@db:5433/orders") == "the database orders at db:5433"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql:///vsop", "the database vsop at this machine's socket (or PGHOST)"),
        ("postgresql:///vsop?host=/run/pg", "the database vsop at the socket in /run/pg"),
        ("postgresql:///vsop?hostaddr=127.0.0.1", "the database vsop at 127.0.0.1:5432"),
    ],
)
def test_place_without_a_host(url: str, words: str) -> None:
    """Where no host is named libpq takes the Unix socket, and the operator is told so."""
    assert place(url) == words


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('connection to server at "h", port 1 failed: FATAL:  database "x" does not exist\n', 'database "x" does not exist'),
        ("server closed the connection unexpectedly\n\tThis probably means", "server closed the connection unexpectedly"),
        ("", "no reason given"),
    ],
)
def test_complaint_is_one_line(message: str, reason: str) -> None:
    """libpq says more than an operator needs."""
    assert complaint(message) == reason
