"""From a SoapUI 5 project file to values: projects, interfaces, suites, cases. Refuses what is no project, by file and line.

Nothing outside the file is opened here, whatever the file names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from stubs.soapui.documents import NotXml, local, parse_file
from stubs.soapui.model import Case, Interface, Project, ProjectError, Suite
from stubs.soapui.nodes import children, flag, properties_of, text_of
from stubs.soapui.reading_steps import read_step

CONFIG = "http://eviware.com/soapui/config"
_PROJECT_SCRIPTS = ("afterLoadScript", "beforeRunScript", "afterRunScript")
_SCRIPTS = ("setupScript", "tearDownScript", "beforeRunScript", "afterRunScript")


def read_project(path: Path) -> Project:
    """Read a project file; raises ProjectError."""
    if path.is_dir():
        raise ProjectError(path, 1, "is a directory: composite projects are not read; save it as one file (Project, Save as)")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProjectError(path, 1, f"cannot be read: {error.strerror}") from None
    try:
        root = parse_file(data)
    except NotXml as error:
        raise ProjectError(path, error.line, error.reason) from None
    if root.tag != f"{{{CONFIG}}}soapui-project":
        raise ProjectError(path, root.sourceline, f"expected con:soapui-project of namespace {CONFIG}, found {local(root)}")
    if text_of(root, "encryptedContent"):
        raise ProjectError(path, root.sourceline, "the project is encrypted: save it without a password")
    interfaces = _interfaces(root, path)
    suites = tuple(_suite(node, path, interfaces) for node in children(root, "testSuite"))
    _unique(path, "test suite", [(suite.name, node) for suite, node in zip(suites, children(root, "testSuite"), strict=True)])
    return Project(
        name=root.get("name") or path.stem,
        path=path.resolve(),
        properties=properties_of(root, path),
        interfaces=interfaces,
        suites=suites,
        scripts=_scripts(root, _PROJECT_SCRIPTS),
        notes=tuple(f"mock service {node.get('name')} is not run" for node in children(root, "mockService")),
    )


def _interfaces(root: etree._Element, path: Path) -> Mapping[str, Interface]:
    found: dict[str, Interface] = {}
    for node in children(root, "interface"):
        kind = next((str(value) for name, value in node.attrib.items() if str(name).endswith("}type")), "con:WsdlInterface")
        if kind.rpartition(":")[2] != "WsdlInterface":
            continue  # REST and others: steps that need one say so
        name = node.get("name")
        if not name:
            raise ProjectError(path, node.sourceline, "con:interface has no name")
        if name in found:
            raise ProjectError(path, node.sourceline, f"interface {name} is there twice")
        found[name] = _interface(node, name)
    return found


def _interface(node: etree._Element, name: str) -> Interface:
    cache = next(children(node, "definitionCache"), None)
    parts = [] if cache is None else [(text_of(part, "url"), _content(part)) for part in children(cache, "part")]
    endpoints = next(children(node, "endpoints"), None)
    binding = node.get("bindingName", "")
    return Interface(
        name=name,
        namespace=binding[1:].partition("}")[0] if binding.startswith("{") else "",
        soap12=node.get("soapVersion", "1_1") == "1_2",
        definition=node.get("definition", "").strip(),
        root_part="" if cache is None else cache.get("rootPart", ""),
        cached=dict(parts),
        actions={operation.get("name", ""): operation.get("action", "") for operation in children(node, "operation")},
        endpoints=() if endpoints is None else tuple((e.text or "").strip() for e in children(endpoints, "endpoint")),
        line=node.sourceline or 1,
    )


def _content(part: etree._Element) -> str:
    """A part of the cache is text, or, in older files, the document itself as an element."""
    content = next(children(part, "content"), None)
    if content is None:
        return ""
    inner = next(content.iterchildren(etree.Element), None)
    return content.text or "" if inner is None else etree.tostring(inner, encoding="unicode", with_tail=False)


def _suite(node: etree._Element, path: Path, interfaces: Mapping[str, Interface]) -> Suite:
    nodes = list(children(node, "testCase"))
    cases = tuple(_case(case, path, interfaces) for case in nodes)
    _unique(path, "test case", [(case.name, at) for case, at in zip(cases, nodes, strict=True)])
    return Suite(
        _named(node, path), flag(node, "disabled"), properties_of(node, path), cases, _scripts(node, _SCRIPTS)
    )


def _case(node: etree._Element, path: Path, interfaces: Mapping[str, Interface]) -> Case:
    nodes = list(children(node, "testStep"))
    steps = tuple(read_step(step, _named(step, path), path, interfaces) for step in nodes)
    _unique(path, "test step", [(step.name, at) for step, at in zip(steps, nodes, strict=True)])
    return Case(
        name=_named(node, path),
        disabled=flag(node, "disabled"),
        properties=properties_of(node, path),
        steps=steps,
        stop_on_error=flag(node, "failOnError", True),
        fail_on_errors=flag(node, "failTestCaseOnErrors", True),
        scripts=_scripts(node, _SCRIPTS),
    )


def _named(node: etree._Element, path: Path) -> str:
    name = node.get("name")
    if not name:
        raise ProjectError(path, node.sourceline, f"con:{local(node)} has no name")
    return name


def _unique(path: Path, what: str, named: list[tuple[str, etree._Element]]) -> None:
    seen: set[str] = set()
    for name, node in named:
        if name in seen:
            raise ProjectError(path, node.sourceline, f"{what} {name} is there twice: its results could not be told apart")
        seen.add(name)


def _scripts(node: etree._Element, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if text_of(node, name).strip())
