"""Where settings stand: a TOML file with the line of each key, and over it variables and the caller's own settings.

tomllib tells no lines: a second look at the text finds them, when there is a mistake to report. Must not know which
settings exist.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PREFIX = "VSOPGW_"

Keys = tuple[str, ...]
"""The way to a value: ("partners", "xplatform", "303", "url")."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `file` is a file, or names the variable or override; then there is no line."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line is not None else f"{self.file}: {self.text}"


class ConfigMistakes(Exception):
    """Everything that is wrong with a configuration; `str()` has a line for each."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda m: (m.line is None, m.file, m.line or 0)))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class FromText:
    """A value that a variable holds, or an override given as text: what type it has is the key's to say."""

    text: str


class Document:
    """A TOML file: its table, and the line of each key; raises ConfigMistakes if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            self.text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
            self.table: dict[str, Any] = tomllib.loads(self.text)
        except FileNotFoundError:
            raise ConfigMistakes([Mistake(self.name, None, "there is no such file")]) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise ConfigMistakes([Mistake(self.name, line, "not UTF-8")]) from None
        except OSError as error:
            raise ConfigMistakes([Mistake(self.name, None, f"cannot be read: {error.strerror}")]) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigMistakes([Mistake(self.name, *self._syntax(str(error)))]) from None

    @cached_property
    def lines(self) -> Mapping[Keys, int]:
        """The first line in which each key and each table is named."""
        return dict(reversed([*_lines(self.text)]))

    def line(self, keys: Keys) -> int:
        """Give the line of a key or of the nearest table around it; 1 if nothing is near."""
        return next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), 1)

    def _syntax(self, said: str) -> tuple[int, str]:
        """Split tomllib's message, which ends in "(at line 3, column 5)" or "(at end of document)"."""
        text, _, place = said.rpartition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        if found is None:
            return self.text.rstrip("\n").count("\n") + 1, f"not TOML: {text or said}"
        return int(found[1]), f"not TOML: {text} (column {found[2]})"


class Settings:
    """The table of a file with variables and overrides laid over it; remembers where each value came from."""

    def __init__(self, document: Document) -> None:
        self.table = document.table
        self.mistakes: list[Mistake] = []
        self._document = document
        self._origins: dict[Keys, str] = {}

    def lay_variables(self, environ: Mapping[str, str]) -> None:
        """Take VSOPGW_SECTION__KEY variables; deeper sections have further double underscores."""
        for name in sorted(environ):
            if not name.startswith(PREFIX):
                continue
            keys = tuple(name[len(PREFIX) :].lower().split("__"))
            if len(keys) < 2 or not all(keys):
                problem = f"is not {PREFIX}SECTION__KEY: two underscores divide section and key"
                self.mistakes.append(Mistake(name, None, problem))
            else:
                self._lay(keys, FromText(environ[name]), name)

    def lay_overrides(self, overrides: Mapping[str, object]) -> None:
        """Take settings by dotted name; text is read as in a variable."""
        for name, value in overrides.items():
            keys = tuple(name.split("."))
            if len(keys) < 2 or not all(keys):
                self.mistakes.append(Mistake(f"override {name}", None, "is not section.key"))
            else:
                self._lay(keys, FromText(value) if isinstance(value, str) else value, f"override {name}")

    def blame(self, keys: Keys, text: str) -> None:
        """Add a mistake at the place where the value, or the nearest table around it, came from."""
        self.mistakes.append(Mistake(*self._where(keys), text))

    def _lay(self, keys: Keys, value: object, origin: str) -> None:
        table = self.table
        for key in keys[:-1]:
            inner = table.setdefault(key, {})
            if not isinstance(inner, dict):  # the file has a value where a section belongs, and is told so
                return
            table = inner
        table[keys[-1]] = value
        self._origins[keys] = origin

    def _where(self, keys: Keys) -> tuple[str, int | None]:
        if keys in self._origins:
            return self._origins[keys], None
        for n in range(len(keys), 0, -1):
            if keys[:n] in self._document.lines:
                break
            below = next((origin for place, origin in self._origins.items() if place[:n] == keys[:n]), None)
            if below is not None:
                return below, None
        return self._document.name, self._document.line(keys)


_PIECE = re.compile(
    r"""
    \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5}  # texts that may span lines
    | "(?:\\.|[^"\\\n])*" | '[^'\n]*'
    | \#[^\n]*  # a comment
    | [\[\]{}] | \n | [^"'\#\[\]{}\n]+
    """,
    re.DOTALL | re.VERBOSE,
)


def _lines(text: str) -> Iterator[tuple[Keys, int]]:
    """Find the keys of a valid TOML text; inside a value that spans lines they have the line where it begins."""
    table: Keys = ()
    for line, statement in _statements(text):
        names = tuple(_names(tomllib.loads(statement)))
        if statement.startswith("["):
            table = max(names, key=len)
            yield from ((table[:n], line) for n in range(1, len(table) + 1))
        else:
            yield from ((table + name, line) for name in names)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Cut a valid TOML text into table headers and key-value pairs, each with its first line."""
    line = first = 1
    depth = 0
    parts: list[str] = []
    for piece in _PIECE.findall(text + "\n"):
        depth += (piece in "[{") - (piece in "]}")
        if piece == "\n" and depth == 0:
            statement = "".join(parts).strip()
            if statement:
                yield first, statement
            parts, first = [], line + 1
        elif not piece.startswith("#"):
            parts.append(piece)
        line += piece.count("\n")


def _names(table: Mapping[str, Any]) -> Iterator[Keys]:
    for key, value in table.items():
        yield (key,)
        inner = value[-1] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from ((key, *name) for name in _names(inner))
