"""Runs the rules over files and directories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from gateway.contract.document import load_contract
from gateway.contract.lint.documents import DEFINITIONS, SCHEMA, Document, Library
from gateway.contract.lint.findings import HOUSE, Finding, Rule, found
from gateway.contract.lint.house import CONTRACT, TYPES
from gateway.contract.lint.wsi_binding import BOUND
from gateway.contract.lint.wsi_description import DESCRIPTION, FILE, SCHEMAS
from gateway.contract.schema import ContractError, parse_file

RULES: tuple[Rule[Document], ...] = (*FILE.all, *DESCRIPTION.all, *BOUND.all, *SCHEMAS.all, *CONTRACT.all, *TYPES.all)
"""All rules over files, in the order of the profile, the house's after them."""

FIELD = "legacy"
"""Directory of contracts that the field has designed, not the house: they are held to the profile alone."""

UNSERVED = "H0"
"""Of what keeps every rule and is refused by the compiler all the same."""


PROFILE_RULES = {DEFINITIONS: (*FILE.all, *DESCRIPTION.all, *BOUND.all), SCHEMA: (*FILE.all, *SCHEMAS.all)}
HOUSE_RULES = {DEFINITIONS: CONTRACT.all, SCHEMA: TYPES.all}


class Scope(StrEnum):
    """Which rules: a partner's contract is held to the profile alone."""

    WSI = "wsi"
    ALL = "all"


class Unusable(Exception):
    """Input that cannot be judged; the text names the file."""


def lint_contracts(paths: Iterable[Path], scope: Scope = Scope.ALL) -> tuple[list[Path], list[Finding]]:
    """Judge WSDL and XSD files, those in directories, and all schemas that they reach.

    Where there are WSDLs, the profile speaks of the schemas that they reach, not of others. Gives the files that were judged, and what
    was found in the order of files and lines. Raises Unusable for a path that is not there, is not XML, or is neither a WSDL nor a schema.
    """
    library = Library()
    documents = _documents(paths, library)
    described = {schema.path for document in documents if document.root.tag == DEFINITIONS for schema in document.schemas()}
    profiled = [document for document in documents if not described or document.root.tag == DEFINITIONS or document.path in described]
    findings = [finding for document in profiled for finding in _judge(document, PROFILE_RULES[str(document.root.tag)])]
    if scope is Scope.ALL:
        ours = [document for document in documents if FIELD not in document.path.parts]
        findings += [finding for document in ours for finding in _judge(document, HOUSE_RULES[str(document.root.tag)])]
        broken = {finding.path for finding in findings}
        findings += [finding for document in ours for finding in _compiled(document, broken)]
    return [document.path for document in documents], sorted(set(findings))


def _documents(paths: Iterable[Path], library: Library) -> list[Document]:
    chosen: list[Document] = []
    for path in paths:
        files = sorted(p for end in ("wsdl", "xsd") for p in path.rglob(f"*.{end}")) if path.is_dir() else [path]
        if not files:
            raise Unusable(f"{path}: no WSDL file and no schema in it")
        for file in files:
            document = library.get(file)
            if document is None:
                raise Unusable(_why(file))
            if document.root.tag not in (DEFINITIONS, SCHEMA):
                raise Unusable(f"{file}:1: neither a WSDL file nor a schema")
            chosen.append(document)
    reached = [schema for document in chosen for schema in document.schemas()]
    return list(dict.fromkeys((*chosen, *reached)))


def _why(file: Path) -> str:
    try:
        parse_file(file)
    except ContractError as error:
        return str(error)
    except OSError as error:
        return f"{file}: {error.strerror or 'cannot be read'}"
    return f"{file}: cannot be read"


def _judge(document: Document, rules: Iterable[Rule[Document]]) -> Iterator[Finding]:
    for rule in rules:
        yield from found(rule, document, document.path)


def _compiled(document: Document, broken: set[Path]) -> Iterator[Finding]:
    """Have the compiler look at a contract in which nothing was found: what it refuses no rule has seen."""
    reached = {document.path, *(schema.path for schema in document.schemas())}
    if document.root.tag != DEFINITIONS or document.wsdl_imports() or reached & broken:
        return
    try:
        contract = load_contract(document.path)
        for element in contract.schemas.element_names:
            contract.schemas.element_type(element)
    except ContractError as error:
        zh, en = "网关无法使用该契约", "the gateway can compile the contract"
        yield Finding(error.path, error.line, UNSERVED, error.problem, zh, en, HOUSE)
