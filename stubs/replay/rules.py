"""What may differ between two answers, and why: rules built in, and the user's own from a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from gateway.capture.masking import REMOVED
from stubs.replay.renewing import names_one

_KEYS: Final = {"operation", "field", "why", "expected", "actual"}
_TIMES: Final = re.compile(r"(19|20)[0-9]{6}([0-9]{6})?|(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}([ T][0-9:.+]*)?")
_TEXTS: Final = (
    "ResultDesc", "resultDesc", "OPDesc", "OrderResultDesc", "faultstring", "Text", "MessageZh", "MessageEn", "ExpectedZh", "ExpectedEn",
)  # fmt: skip
_REFERENCES: Final = ("Reference",)
_CODES: Final = ("RQCode",)
_INDEX: Final = re.compile(r"\[[0-9]+\]")


class RulesError(Exception):
    """A file of rules that cannot be used; the text names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two answers differ; None where one has nothing."""

    path: str
    expected: str | None
    actual: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A difference that is expected: `operation` and `field` may hold `*`; a field is the end of a path, without places in lists."""

    why: str
    field: str
    operation: str = "*"
    expected: str = "*"
    actual: str = "*"

    def explains(self, operation: str, found: Difference) -> bool:
        """Whether this is such a difference."""
        path = _INDEX.sub("", found.path)
        return (
            fnmatchcase(operation, self.operation)
            and (fnmatchcase(path, self.field) or fnmatchcase(path, f"*/{self.field}"))
            and fnmatchcase(found.expected or "", self.expected)
            and fnmatchcase(found.actual or "", self.actual)
        )


def explanation(operation: str, found: Difference, rules: Sequence[Rule]) -> str:
    """Say why a difference is none that matters, empty where nothing explains it; the user's rules go first."""
    why = next((rule.why for rule in rules if rule.explains(operation, found)), "")
    return why or _built_in(found)


def _built_in(found: Difference) -> str:
    if found.expected is None or found.actual is None:
        return ""
    if found.expected == REMOVED:
        return "a text that the capture does not hold"
    name = _INDEX.sub("", found.path).rpartition("/")[2]
    if names_one(found.path) and re.sub(r"[0-9]", "0", found.expected) == re.sub(r"[0-9]", "0", found.actual):
        return "a number that the gateway gives itself"
    if _TIMES.fullmatch(found.expected) and _TIMES.fullmatch(found.actual):
        return "a time"
    if name in _CODES:
        return "a code that the gateway makes"
    if name in _TEXTS:
        return "a text for people"
    return "the reference of a fault in the log" if name in _REFERENCES else ""


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Read the user's rules; raises RulesError with file, line and reason."""
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text)
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RulesError(f"{path}:1: is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line ([0-9]+), column [0-9]+\)", str(error))
        line = at[1] if at else str(text.count("\n") + 1)
        raise RulesError(f"{path}:{line}: is not TOML: {str(error).partition(' (at ')[0]}") from None
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.replace(" ", "").startswith("[[ignore]]")]
    strange = sorted(set(given) - {"ignore"})
    if strange or not isinstance(given.get("ignore", []), list):
        raise RulesError(f"{path}:1: holds [[ignore]] tables alone, not {', '.join(strange) or 'ignore in another form'}")
    tables = given.get("ignore", [])
    return tuple(_rule(path, lines[place] if place < len(lines) else 1, table) for place, table in enumerate(tables))


def _rule(path: Path, line: int, table: Any) -> Rule:
    if not isinstance(table, dict):
        raise RulesError(f"{path}:{line}: each [[ignore]] is a table")
    strange = sorted(set(table) - _KEYS)
    if strange:
        raise RulesError(f"{path}:{line}: [[ignore]] has no {', '.join(strange)}; there are {', '.join(sorted(_KEYS))}")
    missing = [name for name in ("field", "why") if not table.get(name)]
    if missing:
        raise RulesError(f"{path}:{line}: [[ignore]] needs {' and '.join(missing)}")
    wrong = sorted(name for name, value in table.items() if not isinstance(value, str))
    if wrong:
        raise RulesError(f"{path}:{line}: {', '.join(wrong)} must be text in quotes")
    return Rule(**table)
