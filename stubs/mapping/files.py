"""Files of mappings: TOML with [[mapping]] tables, JSON as WireMock writes it; every mistake is told with file and line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stubs.mapping.model import StubMapping
from stubs.mapping.reading import Codecs, Keys, MappingMistakes, read_mapping, shown

LARGEST = 4_000_000
"""Bytes of one file: far more than a person writes, or a day of recording."""
_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*mapping[ \t]*\]\]", re.MULTILINE)
_LIST = re.compile(r'"mappings"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class MappingFileError(Exception):
    """Files of mappings are wrong; `mistakes` has a line for each, with file and line number."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_files(place: Path, codecs: Codecs) -> list[StubMapping]:
    """Read a file, or all .toml and .json files of a directory, in the order of their names; raises MappingFileError with every mistake."""
    reader = _Reader(codecs)
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.suffix in (".toml", ".json") and file.is_file())
        if not files:
            raise MappingFileError([f"{place}: holds no .toml and no .json file"])
    elif place.is_file():
        files = [place]
    else:
        raise MappingFileError([f"{place}: is no file and no directory"])
    found = [mapping for file in files for mapping in reader.file(file)]
    if reader.mistakes:
        raise MappingFileError(reader.mistakes)
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    """One mapping as it stands in a file: its value, and the part of the text that it comes from."""

    value: Any
    start: int
    end: int


class _Reader:
    def __init__(self, codecs: Codecs) -> None:
        self._codecs = codecs
        self._ids: dict[str, str] = {}
        self.mistakes: list[str] = []

    def file(self, path: Path) -> Iterator[StubMapping]:
        text = self._text(path)
        if text is None:
            return
        written = self._toml(path, text) if path.suffix == ".toml" else self._json(path, text)
        for count, one in enumerate(written, 1):
            line = _line(text, one.start)
            try:
                made = read_mapping(one.value, self._codecs, f"{path.stem}-{count}", f"{path.name}:{line}")
            except MappingMistakes as wrong:
                self.mistakes += [_told(path, text, one, keys, reason) for keys, reason in wrong.mistakes]
                continue
            if made.id in self._ids:
                self.mistakes.append(f"{path}:{line}: id: {made.id} is the id of {self._ids[made.id]} too")
                continue
            self._ids[made.id] = made.source
            yield made

    def _text(self, path: Path) -> str | None:
        try:
            data = path.read_bytes()
            if len(data) <= LARGEST:
                return data.decode()
            self.mistakes.append(f"{path}:1: longer than {LARGEST} bytes")
        except OSError as error:
            self.mistakes.append(f"{path}:1: cannot be read ({error.strerror})")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.mistakes.append(f"{path}:{line}: not UTF-8")
        return None

    def _toml(self, path: Path, text: str) -> list[_Written]:
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else text.count("\n") + 1
            self.mistakes.append(f"{path}:{line}: not TOML: {re.sub(r' [(]at .*[)]$', '', str(error))}")
            return []
        listed = tables.get("mapping")
        if not isinstance(listed, list) or tables.keys() != {"mapping"}:
            self.mistakes.append(f"{path}:1: expected [[mapping]] tables and nothing else")
            return []
        starts = [match.start() for match in _TABLE.finditer(text)]
        if len(starts) != len(listed):  # written as an array in one line: places are not known, the file is
            starts = [0] * len(listed)
        ends = [*starts[1:], len(text)] if any(starts) or len(listed) == 1 else [len(text)] * len(listed)
        return [_Written(value, start, end) for value, start, end in zip(listed, starts, ends, strict=True)]

    def _json(self, path: Path, text: str) -> list[_Written]:
        try:
            whole = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            line, why = (error.lineno, error.msg) if isinstance(error, json.JSONDecodeError) else (1, "nested too deep")
            self.mistakes.append(f"{path}:{line}: not JSON: {why}")
            return []
        if isinstance(whole, dict) and "mappings" not in whole:
            return [_Written(whole, 0, len(text))]
        listed = whole.get("mappings") if isinstance(whole, dict) else whole
        if not isinstance(listed, list):
            self.mistakes.append(f"{path}:1: expected a mapping, or a list of mappings under the name mappings")
            return []
        if not listed:
            self.mistakes.append(f"{path}:1: holds no mapping")
        opening = _LIST.search(text) if isinstance(whole, dict) else re.compile(r"\s*\[").match(text)
        return _items(text, listed, 0 if opening is None else opening.end())


def _items(text: str, listed: list[Any], at: int) -> list[_Written]:
    """Find where each item of a JSON list stands."""
    found, decoder = [], json.JSONDecoder()
    for value in listed:
        between = _BETWEEN.match(text, at)
        start = at if between is None else between.end()
        try:
            _, at = decoder.raw_decode(text, start)
        except json.JSONDecodeError:  # another list of this name stood before: the file is told, the place is not known
            start, at = 0, len(text)
        found.append(_Written(value, start, at))
    return found


def _told(path: Path, text: str, one: _Written, keys: Keys, reason: str) -> str:
    place = one.start
    for key in keys:
        # of several body patterns the one that is meant is found by the word that each has
        wanted, skip = (key, 0) if isinstance(key, str) else ("matchesXPath", key)
        found = _places(text, wanted, place, one.end) or _places(text, wanted.partition("[")[0], place, one.end)
        place = found[skip] if skip < len(found) else place
    return f"{path}:{_line(text, place)}: {f'{shown(keys)}: ' if keys else ''}{reason}"


def _places(text: str, word: str, start: int, end: int) -> list[int]:
    return [match.start() for match in re.compile(rf"(?<![\w$]){re.escape(word)}(?![\w$])").finditer(text, start, end)]


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
