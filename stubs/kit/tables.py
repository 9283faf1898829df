"""Reads TOML files of [[tables]]; collects every mistake with file and line. Must not know what a table is about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_DECODE_LINE = re.compile(r" \(at line (\d+), column \d+\)")
# A file of a million users is 100 MB; more than this is no world to be held in memory.
MOST_BYTES = 200_000_000


def not_toml(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Give line and reason of a text that is not TOML, as LINE: REASON; the parser tells no line where the text ends too early."""
    place = _DECODE_LINE.search(str(error))
    reason = _DECODE_LINE.sub("", str(error)).removesuffix(" (at end of document)")
    return f"{place[1] if place else max(1, len(text.splitlines()))}: not TOML: {reason}"


class FileMistakes(ValueError):
    """Files are wrong; `mistakes` has a line for each, with file and line number."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(slots=True)
class Table:
    """One [[table]]: its values as they stand, and where it stands. What is wrong is noted, and a stand-in goes on in its place."""

    path: Path
    name: str
    line: int
    values: Mapping[str, Any]
    mistakes: list[str]
    key_lines: Mapping[str, int]
    _read: set[str] = field(default_factory=set)

    def wrong(self, problem: str, key: str = "") -> None:
        """Note a mistake of a key, or of the whole table."""
        place = self.key_lines.get(key, self.line)
        self.mistakes.append(f"{self.path}:{place}: [[{self.name}]] {f'{key}: ' if key else ''}{problem}")

    def text(self, key: str, form: str, *, default: str | None = None) -> str:
        """Give a text of a form, a regular expression; `default` if it may be left out."""
        value = self._value(key, default)
        if value is None or value == default:
            return default or ""
        if not isinstance(value, str) or not re.fullmatch(form, value):
            self.wrong(f"expected a text of the form {form}", key)
            return ""
        return value

    def word(self, key: str, words: Mapping[str, str], *, default: str | None = None) -> str:
        """Give what a word stands for."""
        value = self._value(key, default)
        if value is not None and value not in words:
            self.wrong(f"expected {', '.join(words)}", key)
        return words.get(value, "") if isinstance(value, str) else ""

    def whole(self, key: str, *, default: int | None = None) -> int:
        """Give a whole number."""
        value = self._value(key, default)
        if value is not None and type(value) is not int:
            self.wrong("expected a whole number", key)
        return value if type(value) is int else 0

    def flag(self, key: str) -> bool:
        """Give true or false; false if it is left out."""
        value = self._value(key, False)
        if not isinstance(value, bool):
            self.wrong("expected true or false", key)
        return value is True

    def texts(self, key: str, *, needed: bool = False) -> list[str]:
        """Give a list of texts; it may be left out unless it is needed."""
        value = self._value(key, None if needed else [])
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value) or (needed and not value):
            self.wrong("expected a list of texts", key)
            return []
        return value

    def finish(self) -> None:
        """Note the keys that nobody has asked for."""
        for key in self.values.keys() - self._read:
            self.wrong(f"unknown; there are {', '.join(sorted(self._read))}", key)

    def _value(self, key: str, default: Any) -> Any:
        self._read.add(key)
        value = self.values.get(key, default)
        if value is None:
            self.wrong("is missing", key)
        return value


def read_tables(path: Path, known: Iterable[str], mistakes: list[str]) -> list[Table]:
    """Give the [[tables]] of a file in their order; what is wrong with the file as a whole goes into `mistakes`."""
    try:
        if path.stat().st_size > MOST_BYTES:
            mistakes.append(f"{path}:1: longer than {MOST_BYTES} bytes")
            return []
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        mistakes.append(f"{path}:1: cannot be read: {error.strerror}")
        return []
    except UnicodeError:
        mistakes.append(f"{path}:1: not UTF-8")
        return []
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{path}:{not_toml(error, text)}")
        return []
    spots = _spots(text)
    found: list[Table] = []
    for name, value in document.items():
        where = spots.get(name, [])
        tables = value if isinstance(value, list) and all(isinstance(one, dict) for one in value) else None
        if name not in known or tables is None or len(tables) != len(where):
            line = where[0][0] if where else _line_of(text, name)
            expected = f"expected [[tables]] named {', '.join(known)}, each with a line of its own at its head"
            mistakes.append(f"{path}:{line}: {name}: {expected}")
            continue
        found += [Table(path, name, line, one, mistakes, keys) for one, (line, keys) in zip(tables, where, strict=True)]
    return sorted(found, key=lambda table: table.line)


def _spots(text: str) -> dict[str, list[tuple[int, dict[str, int]]]]:
    """Find the lines of each [[table]] and of its keys."""
    found: dict[str, list[tuple[int, dict[str, int]]]] = {}
    keys: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header is not None and line.lstrip().startswith("[["):
            keys = {}
            found.setdefault(header[1], []).append((number, keys))
        elif "=" in line:
            keys.setdefault(line.partition("=")[0].strip().strip("\"'"), number)
    return found


def _line_of(text: str, key: str) -> int:
    """Find the line that begins with a key or a table's name; 1 if none does."""
    begins = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[\]=.]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if begins.match(line)), 1)
