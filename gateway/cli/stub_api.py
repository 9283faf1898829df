"""The admin API of a stub set as commands see it: its address, one call, what went wrong, and answers as tables."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import click

from gateway.cli.errors import Unreachable, UsageFailed, no_answer
from gateway.cli.lab import default_lab
from stubs.kit.settings import LabError, read_lab

SECONDS = 15.0
"""An act sends five times before it gives up."""
WIDEST = 60
"""Columns of one cell in a table; -o json has all of it."""

OUTPUT = click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Form of the output.")


@dataclass(frozen=True, slots=True)
class StubApi:
    """One set's admin API."""

    url: str
    seconds: float = SECONDS
    """How long an answer is waited for."""

    def call(self, method: str, path: str, body: object = None, **query: str | None) -> dict[str, Any]:
        """Ask; exit 2 for what the set refuses, 3 if nobody answers or what answers is no stub set."""
        asked = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{self.url}/{urllib.parse.quote(path)}{'?' if asked else ''}{asked}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.seconds) as answer:
                return self._read(answer.read(), url)
        except urllib.error.HTTPError as error:
            raise UsageFailed(f"{self.url}: {self._read(error.read(), url).get('error', f'HTTP {error.code}')}") from None
        except OSError as error:
            raise Unreachable(f"{self.url}: no answer ({no_answer(error)}); is `vsopgw stub up` running?") from None

    def _read(self, data: bytes, url: str) -> dict[str, Any]:
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Unreachable(f"{url}: what answers here is no stub set")
        return found


def address(context: click.Context, option: click.Parameter, given: str | None) -> StubApi:
    """Give the API at an address, with or without /_stub; without one that of the command above, or of the lab's first set.

    Exit 2 for what is no address.
    """
    if given is None and isinstance(context.obj, StubApi):
        return context.obj
    if given is None:
        try:
            given = f"http://127.0.0.1:{read_lab(default_lab())[0].port}"
        except LabError as error:
            raise UsageFailed(str(error)) from None
    parts = urllib.parse.urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") not in ("", "_stub"):
        raise UsageFailed(f"--url {given}: expected an address such as http://127.0.0.1:7115")
    return StubApi(f"{parts.scheme}://{parts.netloc}/_stub")


URL = click.option(
    "--url", "api", default=None, callback=address, expose_value=True, metavar="URL",
    help="Address of the stub set; default: the first set of the lab, http://127.0.0.1:7115.",
)  # fmt: skip


def show(output: str, answer: Mapping[str, Any], draw: Callable[[], Iterable[str]]) -> None:
    """Print an answer, as it is or drawn."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1) if output == "json" else "\n".join(draw()))


def table(rows: Sequence[Mapping[str, Any]], empty: str, columns: Sequence[str] | None = None) -> list[str]:
    """Draw rows; columns are the rows' keys as they first come, unless they are named."""
    if not rows:
        return [empty]
    heads = list(columns or dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(head)) for head in heads] for row in rows]
    widths = [max(wide(head), *(wide(row[place]) for row in cells)) for place, head in enumerate(heads)]
    return [_line(row, widths) for row in (heads, ["-" * width for width in widths], *cells)]


def wide(text: str) -> int:
    """Say how many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def values_of(words: Sequence[str], what: str) -> dict[str, Any]:
    """Read NAME=TEXT and NAME:=JSON; exit 2 for anything else."""
    found: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip(":"):
            raise UsageFailed(f"{word}: expected {what}")
        if not name.endswith(":"):
            found[name] = value
            continue
        try:
            found[name[:-1]] = json.loads(value)
        except ValueError:
            raise UsageFailed(f"{word}: what stands after := is not JSON") from None
    return found




def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if wide(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - wide(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()
