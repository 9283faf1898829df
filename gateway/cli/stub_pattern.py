"""Patterns of requests on the command line, and near misses as a readable table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.stub_api import table

_FIELD = re.compile(r"(?P<path>[\w.\[\]*]+?)(?P<sign>!~|\*=|=|~|!$|\?$)(?P<value>.*)", re.DOTALL)
_SIGNS: dict[str, Callable[[str], dict[str, Any]]] = {
    "=": lambda value: {"equalTo": value},
    "~": lambda value: {"matches": value},
    "!~": lambda value: {"doesNotMatch": value},
    "*=": lambda value: {"contains": value},
    "!": lambda value: {"absent": True},
    "?": lambda value: {"absent": False},
}
_OPTIONS = (
    click.option("--role", default=None, help="Role that was asked, such as ocs."),
    click.option("--operation", default=None, help="Operation, such as feeCheck."),
    click.option(
        "-f", "--field", "fields", multiple=True, metavar="PATH=VALUE",
        help="A field: PATH=VALUE, PATH~REGEX, PATH!~REGEX, PATH*=PART, PATH! (absent), PATH? (present). May be given again.",
    ),
    click.option("--xpath", "xpaths", multiple=True, metavar="EXPRESSION", help="What must be found; prefixes s, t and m are known."),
    click.option("--direction", type=click.Choice(["in", "out"]), default="in", show_default=True, help="Received, or sent by the role."),
    click.option(
        "--pattern", "file", type=click.Path(path_type=Path, dir_okay=False), default=None,
        help="JSON file of a request pattern, instead of the options above.",
    ),
)  # fmt: skip


def pattern_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a pattern to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def pattern_of(
    role: str | None, operation: str | None, fields: tuple[str, ...], xpaths: tuple[str, ...], direction: str, file: Path | None
) -> dict[str, Any]:
    """Give the pattern that the options say; exit 2 for what is none."""
    if file is not None:
        if role or operation or fields or xpaths:
            raise UsageFailed("--pattern stands alone: the file says all")
        return _read(file)
    named = {"role": role, "operation": operation}
    pattern: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if direction != "in":
        pattern["direction"] = direction
    for text in fields:
        found = _FIELD.fullmatch(text)
        if found is None:
            raise UsageFailed(f"--field {text}: expected PATH=VALUE, PATH~REGEX, PATH!~REGEX, PATH*=PART, PATH! or PATH?")
        of_field = pattern.setdefault("fields", {}).setdefault(found["path"], {})
        of_field.update(_SIGNS[found["sign"]](found["value"]))
    if xpaths:
        pattern["bodyPatterns"] = [{"matchesXPath": expression} for expression in xpaths]
    return pattern


def near_lines(misses: list[dict[str, Any]], title: Callable[[Mapping[str, Any]], str]) -> Iterator[str]:
    """Draw near misses: what came near, and field by field what was expected and what was there."""
    for place, miss in enumerate(misses, 1):
        yield f"{place}. {title(miss)}, distance {miss['distance']:.3f}"
        yield from (f"   {line}" for line in table(miss["differences"], "nothing differs", ("field", "expected", "actual", "distance")))


def request_title(miss: Mapping[str, Any]) -> str:
    """Name a request of the journal."""
    entry = miss["request"]
    number = entry["fields"].get("StreamingNo", "")
    return f"request {entry['seq']} at {entry['at'][11:23]}: {entry['role']}.{entry['operation']} {number}".rstrip()


def mapping_title(miss: Mapping[str, Any]) -> str:
    """Name a mapping."""
    mapping = miss["mapping"]
    return f"mapping {mapping['id']}{' (' + mapping['name'] + ')' if mapping['name'] else ''}"


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFailed(f"{file}: cannot be read ({error.strerror})") from None
    except json.JSONDecodeError as error:
        raise UsageFailed(f"{file}:{error.lineno}: not JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError):
        raise UsageFailed(f"{file}:1: not JSON") from None
    if not isinstance(found, dict):
        raise UsageFailed(f"{file}:1: expected a JSON object: a request pattern")
    return found
