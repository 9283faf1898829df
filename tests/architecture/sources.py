"""The code of gateway and stubs as syntax trees, and what the rules look for in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Source:
    """One module."""

    path: str
    text: str
    tree: ast.Module

    def under(self, *places: str) -> bool:
        """Whether it is one of these files, or in one of these directories (which end in /)."""
        return any(self.path == place or (place.endswith("/") and self.path.startswith(place)) for place in places)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


SOURCES = [_read(path) for room in ("gateway", "stubs") for path in sorted((ROOT / room).rglob("*.py"))]
GATEWAY = [source for source in SOURCES if source.under("gateway/")]


def dotted(node: ast.AST) -> str:
    """Write a name or a chain of attributes as text, such as datetime.now; else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else node.attr
    return ""


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module, and every module.name, that is imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def decisions(tree: ast.Module) -> Iterator[ast.AST]:
    """Every expression by which a program takes one way or another: comparisons, conditions, matches, look-ups."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                yield node
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield test
            case ast.Match(subject=subject, cases=cases):
                yield subject
                yield from (case.pattern for case in cases)
            case ast.Subscript(slice=key):
                yield key


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def public(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Public classes and functions of a module, and public methods of public classes, with their dotted names."""

    def within(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
        for node in body:
            if isinstance(node, Definition) and not node.name.startswith("_"):
                yield prefix + node.name, node
                if isinstance(node, ast.ClassDef):
                    yield from within(node.body, f"{prefix}{node.name}.")

    return within(tree.body, "")
