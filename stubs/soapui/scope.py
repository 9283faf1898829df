"""What names mean while a case runs: properties of project, suite, case and steps, and what the steps before had as answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field

from stubs.soapui.documents import NotXml, parse_text
from stubs.soapui.expansion import expand
from stubs.soapui.model import Case, Project, PropertiesStep, RequestStep, Suite
from stubs.soapui.results import Broken, CannotRun, Said, StepStatus
from stubs.soapui.xpath import select, text_of

ANSWERS = ("RESPONSE", "RESPONSEASXML", "RAWRESPONSE")


class Properties(MutableMapping[str, str]):
    """Names and values; SoapUI does not tell capitals from small letters in names."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values: dict[str, tuple[str, str]] = {}
        self.update(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name.upper()][1]

    def __setitem__(self, name: str, value: str) -> None:
        self._values[name.upper()] = name, value

    def __delitem__(self, name: str) -> None:
        del self._values[name.upper()]

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._values.values()])  # as they were written

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.upper() in self._values


@dataclass(slots=True)
class Outside:
    """What a run brings along that is not in the project."""

    globals: Properties = field(default_factory=Properties)
    system: Mapping[str, str] = field(default_factory=dict)
    """What a project may ask for as ${#System#...}: only what was named on the command line."""
    environment: Mapping[str, str] = field(default_factory=dict)


class World:
    """Properties of the project and its suites, which last for a whole run."""

    def __init__(self, project: Project, overrides: Mapping[str, str], outside: Outside) -> None:
        self.project = project
        self.outside = outside
        self.properties = Properties(project.properties)
        self.properties.update(overrides)
        self._suites = {suite.name: Properties(suite.properties) for suite in project.suites}

    def suite(self, suite: Suite) -> Properties:
        """Give the properties of a suite."""
        return self._suites[suite.name]


class Scope:
    """One case while it runs."""

    def __init__(self, world: World, suite: Suite, case: Case) -> None:
        self.world = world
        self.notes: list[Said] = []
        """What was unknown since somebody last took the notes away."""
        self._shared = {
            "PROJECT": world.properties,
            "TESTSUITE": world.suite(suite),
            "TESTCASE": Properties(case.properties),
            "GLOBAL": world.outside.globals,
        }
        self._fixed = {"SYSTEM": world.outside.system, "ENV": world.outside.environment}
        self._steps = {step.name: self._begin(step) for step in case.steps}
        self._states: dict[str, StepStatus] = {}

    @staticmethod
    def _begin(step: object) -> Properties:
        if isinstance(step, PropertiesStep):
            return Properties(step.properties)
        if isinstance(step, RequestStep):
            names = {"Request": step.body, "Endpoint": step.endpoint, "Username": "", "Password": "", "Domain": ""}
            return Properties(names)
        return Properties()

    def step(self, name: str) -> Properties:
        """Give the properties of a step; a request's are Request, Endpoint, and Response once it has one."""
        return self._steps[name]

    def passed(self, name: str, status: StepStatus) -> None:
        """Note how a step went."""
        self._states[name] = status

    def expand(self, text: str, *, entitize: bool = False) -> str:
        """Put values in the place of names; raises CannotRun and Broken."""
        return expand(text, self._resolve, entitize=entitize)

    def holder(self, name: str) -> Properties:
        """Find where a transfer reads or writes: a step, or #Project#, #TestSuite#, #TestCase#, #Global#. Raises Broken, CannotRun."""
        if name.startswith("#") and name.strip("#").upper() in self._shared:
            return self._shared[name.strip("#").upper()]
        if name.startswith("#["):
            raise CannotRun(Said(f"引用了其他用例的步骤: {name}", f"names a step of another case: {name}"))
        if name not in self._steps:
            raise Broken(Said(f"没有步骤 {name}", f"there is no step {name}"))
        return self._steps[name]

    def read(self, step: str, name: str) -> str | None:
        """Read a property of a step or level, None where there is none; raises CannotRun for the answer of a step that was not run."""
        found = self.holder(step).get(name)
        if found is None and name.upper() in ANSWERS and step in self._steps:
            if self._states.get(step) is StepStatus.NOT_RUN:
                raise CannotRun(Said(f"所需步骤未运行: {step}", f"needs step {step}, which was not run"))
            return None
        return found

    def _resolve(self, name: str) -> str | None:
        value = self._look_up(name)
        if value is None:
            self.notes.append(Said(f"未知属性 ${{{name[:80]}}}, 视为空", f"${{{name[:80]}}} is unknown: it stands for nothing"))
        return value

    def _look_up(self, name: str) -> str | None:
        if name == "projectDir":
            return str(self.world.project.directory)
        if name.startswith("#[") or name.startswith("["):
            raise CannotRun(Said(f"引用了其他用例: ${{{name[:60]}}}", f"names another case: ${{{name[:60]}}}"))
        if name.startswith("#"):
            level, _, rest = name[1:].partition("#")
            key, _, path = rest.partition("#")
            holder: Mapping[str, str] | None = self._shared.get(level.upper(), self._fixed.get(level.upper()))
            value = None if holder is None else holder.get(key)
            return _within(value, path) if path else value
        step, mark, rest = name.partition("#")
        if mark and step in self._steps:
            key, _, path = rest.partition("#")
            value = self.read(step, key)
            return _within(value, path) if path else value
        return self.world.outside.globals.get(name)

    def take_notes(self) -> list[Said]:
        """Give what was unknown, and forget it."""
        notes, self.notes = list(dict.fromkeys(self.notes)), []
        return notes


def _within(value: str | None, path: str) -> str | None:
    """Take the first thing that an XPath selects in a value; None where the value is no XML or nothing is there."""
    if value is None:
        return None
    try:
        found = select(parse_text(value), path, lend=True)
    except NotXml:
        return None
    return text_of(found[0]) if found else None
