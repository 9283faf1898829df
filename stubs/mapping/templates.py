"""Answer templates: Jinja2 in its sandbox, where what is undefined is an error; what can be known at load time is told then.

Names in a template: request (fields of the request), item (of a forEach), scenario (state), trace, now (yyyyMMddHHmmss), world (balance,
prepaid, known: of the user), numbers (streaming(), order()).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from gateway.contract.schema import ComplexType, Field
from stubs.mapping.paths import nearest

WORLD = ("balance", "prepaid", "known")
NUMBERS = ("streaming", "order")
NAMES = ("request", "scenario", "trace", "now", "world", "numbers", "item")
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)  # the codec escapes
_XML = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, keep_trailing_newline=True)
_FAILURES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError)


ANY_ITEM = ComplexType("item", "")
"""Stands for items of a forEach whose fields are not known at load time."""


class TemplateWrong(ValueError):
    """A template cannot be read, or cannot make anything of a request; `line` counts from 1 within the template."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


@dataclass(frozen=True, slots=True)
class Text:
    """A template that makes a text."""

    source: str
    template: Template

    def render(self, context: Mapping[str, Any]) -> str:
        """Make the text; raises TemplateWrong."""
        try:
            return self.template.render(context)
        except _FAILURES as error:
            raise TemplateWrong(_reason(error)) from None


@dataclass(frozen=True, slots=True)
class Each:
    """A list: one item for each of another list's."""

    source: str
    find: Any
    item: Any

    def items(self, context: Mapping[str, Any]) -> list[Any]:
        """Give the list; raises TemplateWrong."""
        try:
            found = self.find(**context)
        except _FAILURES as error:
            raise TemplateWrong(_reason(error)) from None
        if not isinstance(found, list):
            raise TemplateWrong(f"forEach: {self.source} is no list in this request")
        return found


def read_text(source: str, request: ComplexType, item: ComplexType | None = None, *, xml: bool = False) -> Text:
    """Read a template for answers to a request of this type; raises TemplateWrong. In `xml` what is put in is escaped."""
    environment = _XML if xml else _ENVIRONMENT
    _check(_parsed(environment, source), request, item)
    return Text(source, environment.from_string(source))


def read_each(source: str, item: Any, request: ComplexType) -> Each:
    """Read the expression of a forEach; raises TemplateWrong."""
    parsed = _parsed(_ENVIRONMENT, "{{ " + source + " }}")
    _check(parsed, request, None)
    return Each(source, _ENVIRONMENT.compile_expression(source, undefined_to_none=False), item)


def item_type(source: str, request: ComplexType) -> ComplexType | None:
    """Give the type of the items that a forEach goes over, None if it cannot be known."""
    tree = _parsed(_ENVIRONMENT, "{{ " + source + " }}")
    output = tree.body[0]
    found = _typed(output.nodes[0], {"request": request}) if isinstance(output, nodes.Output) else None
    return found.complex_type if isinstance(found, Field) else None


def _parsed(environment: SandboxedEnvironment, source: str) -> nodes.Template:
    try:
        return environment.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateWrong(error.message or "not a template", error.lineno) from None


def _check(tree: nodes.Template, request: ComplexType, item: ComplexType | None) -> None:
    known = [name for name in NAMES if name != "item" or item is not None]
    try:
        undeclared = sorted(meta.find_undeclared_variables(tree))
    except TemplateSyntaxError as error:  # a filter or a test that does not exist
        raise TemplateWrong((error.message or "not a template").rstrip("."), error.lineno) from None
    for name in undeclared:
        if name not in known and name not in _ENVIRONMENT.globals:
            raise TemplateWrong(f"{name} is undefined{nearest(name, known)}", _line_of(tree, name))
    types = {"request": request} if item is None or item is ANY_ITEM else {"request": request, "item": item}
    for node in _heads(tree):
        _typed(node, types)


def _line_of(tree: nodes.Template, name: str) -> int:
    return next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), 1)


def _heads(tree: nodes.Node) -> Iterator[nodes.Expr]:
    """Give each chain of .name and [n] as a whole, not the chains within it."""
    for node in tree.iter_child_nodes():
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            yield node
        else:
            yield from _heads(node)


def _typed(node: nodes.Node, types: Mapping[str, ComplexType]) -> ComplexType | Field | None:
    """Follow a chain through the contract; raises TemplateWrong for a field that is not there, gives None where nothing is known."""
    if isinstance(node, nodes.Name):
        return types.get(node.name)
    if not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    key = node.attr if isinstance(node, nodes.Getattr) else node.arg.value if isinstance(node.arg, nodes.Const) else None
    if isinstance(node.node, nodes.Name) and node.node.name in ("world", "numbers"):
        there = WORLD if node.node.name == "world" else NUMBERS
        if key not in there:
            raise TemplateWrong(f"{node.node.name} has no {key}; there are {', '.join(there)}", node.lineno)
        return None
    inside = _typed(node.node, types)
    if isinstance(inside, Field):
        if isinstance(key, int) and inside.repeated:
            return inside.complex_type
        inside = None if inside.repeated else inside.complex_type
    if inside is None or not isinstance(key, str):
        return None
    fields = {field.name: field for field in inside.fields}
    if key not in fields:
        raise TemplateWrong(f"{inside.name} has no field {key}{nearest(key, fields)}", node.lineno)
    return fields[key]


def _reason(error: Exception) -> str:
    """Say why a template made nothing: Jinja's own words, which quote the template and not the request."""
    if isinstance(error, UndefinedError):
        return error.message or "something is undefined"
    if isinstance(error, SecurityError):
        return "the template does what its sandbox does not allow"
    return f"the template cannot be carried out ({type(error).__name__})"
