"""A SoapUI project as plain values: what there is to run, under SoapUI's own words. Must not know XML, or how anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class ProjectError(Exception):
    """A project that cannot be read, or is refused; the text names file, line and reason."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        super().__init__(f"{path}:{line or 1}: {problem}")
        self.path, self.line, self.problem = path, line or 1, problem


@dataclass(frozen=True, slots=True)
class AssertionSpec:
    """One assertion of a request: SoapUI's id of its kind, the name that is shown, and its configuration."""

    kind: str
    name: str
    disabled: bool
    values: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Interface:
    """A WSDL binding that the project knows; `cached` are the files of its definition that the project carries, by address."""

    name: str
    namespace: str
    soap12: bool
    definition: str
    root_part: str
    cached: Mapping[str, str]
    actions: Mapping[str, str]
    """SOAPAction by operation."""
    endpoints: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Addressing:
    """The WS-Addressing header blocks that SoapUI adds to a request."""

    namespace: str
    action: str
    to: str
    reply_to: str
    message_id: str
    make_message_id: bool
    default_action: bool
    default_to: bool
    must_understand: bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """What all steps have. A step of a kind that is not run has only this."""

    name: str
    kind: str
    disabled: bool
    line: int


@dataclass(frozen=True, slots=True)
class RequestStep(Step):
    """A SOAP request and what its answer must be. `cannot` names what of it this runner does not do, in both languages."""

    interface: str
    operation: str
    endpoint: str
    body: str
    encoding: str
    headers: tuple[tuple[str, str], ...]
    timeout: str
    """Milliseconds as text, which may hold an expansion; empty where the project says none."""
    entitize: bool
    addressing: Addressing | None
    assertions: tuple[AssertionSpec, ...]
    cannot: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PropertiesStep(Step):
    """Names and values that other steps refer to."""

    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One value that is taken from a property, or a place in it, and put into another."""

    name: str
    disabled: bool
    source_step: str
    source_type: str
    source_path: str
    target_step: str
    target_type: str
    target_path: str
    fail_on_error: bool
    null_on_missing: bool
    text_content: bool
    ignore_empty: bool
    to_all: bool
    entitize: bool
    child_nodes: bool
    xquery: bool


@dataclass(frozen=True, slots=True)
class TransferStep(Step):
    """Property transfers, in their order."""

    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class DelayStep(Step):
    """A pause; milliseconds as text, which may hold an expansion."""

    milliseconds: str


@dataclass(frozen=True, slots=True)
class GotoCondition:
    """Go to `target` where the expression is true of the answer of the request before; `kind` is XPATH or something that is not run."""

    name: str
    kind: str
    expression: str
    target: str


@dataclass(frozen=True, slots=True)
class GotoStep(Step):
    """A conditional goto: the first condition that holds."""

    conditions: tuple[GotoCondition, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A test case."""

    name: str
    disabled: bool
    properties: Mapping[str, str]
    steps: tuple[Step, ...]
    stop_on_error: bool
    """SoapUI's failOnError: the first step that fails ends the case."""
    fail_on_errors: bool
    """SoapUI's failTestCaseOnErrors: a step that failed makes the case fail."""
    scripts: tuple[str, ...] = ()
    """Names of the scripts that it has and that are not run."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A test suite."""

    name: str
    disabled: bool
    properties: Mapping[str, str]
    cases: tuple[Case, ...]
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A project file, read."""

    name: str
    path: Path
    properties: Mapping[str, str]
    interfaces: Mapping[str, Interface]
    suites: tuple[Suite, ...]
    scripts: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def directory(self) -> Path:
        """What SoapUI calls ${projectDir}."""
        return self.path.parent
