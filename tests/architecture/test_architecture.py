"""Rules of the house that a machine can see. Each exception is listed with its reason; one that is not used any more fails too."""

from __future__ import annotations

import ast
import re
import shutil
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from sources import GATEWAY, ROOT, SOURCES, Definition, decisions, dotted, functions, imported, public

from gateway.domain.party import PROVINCES
from gateway.engine.ports import Store

# ---- tier and province are data --------------------------------------------------------------------------------------

ROUTING = ("gateway/domain/routing.py", "gateway/config/")


def test_tier_is_named_in_routing_and_configuration_only():
    """Nothing else knows that there are two tiers, or which."""
    named = [
        s.path
        for s in SOURCES
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Attribute) and dotted(n.value).endswith("Tier")
    ]
    assert [path for path in named if not path.startswith(ROUTING)] == []


def test_tier_is_compared_in_routing_only():
    """No branch outside routing and configuration asks at which tier we are."""
    asked = [
        f"{s.path}:{n.lineno}"
        for s in SOURCES
        if not s.under(*ROUTING)
        for decision in decisions(s.tree)
        for n in ast.walk(decision)
        if (isinstance(n, ast.Attribute) and n.attr == "tier")
        or (isinstance(n, ast.Constant) and n.value == "gateway.tier")
    ]
    assert asked == []


def test_no_province_is_written_down():
    """Province ids stand in the domain's table, in routing and in configuration: no code of ours is for one province."""
    written = [
        f"{s.path}:{n.lineno}"
        for s in SOURCES
        # ActionTypes of work orders, 10 to 20, look like province ids: they stand in the vocabulary, and in the table of the ISMP dialects
        # and the partner kit has test data, whose province may be given otherwise
        if not s.under("gateway/domain/party.py", "gateway/vocabulary.py", "gateway/legacy/ismp.py", "stubs/partnerkit/data.py", *ROUTING)
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Constant) and n.value in PROVINCES
    ]
    assert written == []


def test_no_province_is_named():
    """Nor is one by its name, in either language."""
    names = {name for code, both in PROVINCES.items() if code != "35" for name in both}
    written = [
        f"{s.path}:{n.lineno}"
        for s in GATEWAY
        if not s.under("gateway/domain/party.py")
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Constant) and n.value in names
    ]
    assert written == []


# ---- doors for XML ---------------------------------------------------------------------------------------------------

PARSERS = {
    "fromstring",
    "fromstringlist",
    "parse",
    "iterparse",
    "XML",
    "HTML",
    "XMLParser",
    "XMLPullParser",
    "HTMLParser",
}
XML_DOORS = {
    "gateway/access/showing.py": "a message of our own, which is signed in its canonical form",
    "gateway/soap/envelope.py": "the one way in for messages, with entities, DTD and network off",
    "gateway/soap/protocol.py": "check_answers: our own answers, in tests",
    "gateway/contract/schema.py": "our own contract files, with entities and network off",
    "gateway/contract/lint/captured.py": "messages of our own captures, for the linter alone, with entities, DTD and network off",
    "gateway/contract/document.py": "a schema that we have just written ourselves",
    "stubs/soapui/documents.py": "SoapUI projects and their definitions, with entities, DTD and network off",
}
XML_MODULES = ("xml", "lxml.html", "lxml.objectify", "lxml.sax", "defusedxml", "xmltodict", "bs4", "html.parser")


def test_xml_is_parsed_at_the_known_doors_only():
    """A message that does not come through the hardened parser comes in nowhere."""
    found = {s.path for s in SOURCES for n in ast.walk(s.tree) if isinstance(n, ast.Attribute) and _parses(dotted(n))}
    assert found == set(XML_DOORS)


def _parses(name: str) -> bool:
    room, _, act = name.rpartition(".")
    return act in PARSERS - {"parse"} or (act == "parse" and room.rpartition(".")[2] == "etree")


def test_no_other_xml_library():
    """There is one XML library and one way to import it: `etree.fromstring` cannot hide behind another name."""
    others = [
        f"{s.path}: {name}"
        for s in SOURCES
        for name in imported(s.tree)
        if f"{name}.".startswith(tuple(f"{module}." for module in XML_MODULES))
        or (name.startswith("lxml.etree.") and name.removeprefix("lxml.etree.") in PARSERS)
        or (name == "lxml.etree" and "etree as " in s.text)
    ]  # fmt: skip
    assert others == []


# ---- time, chance, identifiers ---------------------------------------------------------------------------------------

TIME_DOORS = {
    ("gateway/sim/acts.py", "random"): "chance that follows from the seed, as in all of the simulation",
    ("gateway/sim/cast.py", "random"): "the same",
    ("gateway/sim/misanswers.py", "random"): "the same",
    ("gateway/sim/people.py", "random"): "the same",
    ("gateway/sim/storm.py", "random"): "the same",
    ("gateway/sim/stores.py", "random"): "the same",
    ("gateway/sim/world.py", "random"): "the same",
    ("gateway/sim/reactor.py", "callLater"): "the virtual clock itself",
    ("gateway/sim/stores.py", "callLater"): "a disk takes time, on the virtual clock",
    ("gateway/admin/token.py", "secrets"): "the admin token is made once",
    ("gateway/telemetry.py", "time"): "the default of the log's clock, which is an argument",
    ("gateway/soap/http.py", "callLater"): "limits of connections, on the clock that is handed in",
    ("gateway/soap/http_admission.py", "callLater"): "how late the process is, by the clock that is handed in",
    ("gateway/soap/http_client.py", "callLater"): "deadlines of calls, on the clock that is handed in",
    ("gateway/soap/http_outlet.py", "callLater"): "a stand-in for the same clock",
    ("gateway/soap/tls_stream.py", "callLater"): "the limit on a handshake, on the clock that is handed in",
    ("gateway/store/postgres_groups.py", "time"): "pauses between attempts to reach the server, in the writer's own thread",
    ("gateway/store/sqlite_file.py", "Timer"): "bounds the search for damage, in the blocking call that opens the file",
    ("stubs/soapui/plugin.py", "time"): "pytest starts it, with no command line before it that could hand in a clock",
    ("stubs/soapui/plugin.py", "uuid"): "the same",
    ("stubs/kit/times.py", "callLater"): "the stubs' one way to wait, on the clock that is handed in",
}
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
TIMERS = {"callLater", "deferLater", "LoopingCall", "call_at", "Timer"}
CHANCE = {"random", "secrets", "uuid", "time", "asyncio", "sched"}


def test_time_and_chance_come_in_at_the_known_doors_only():
    """Clock, timers, random numbers and identifiers are arguments: only runtime and the command line make them."""
    inner = [s for s in SOURCES if not s.under("gateway/runtime/", "gateway/cli/")]
    assert {(s.path, what) for s in inner for what in _time_and_chance(s.tree)} == set(TIME_DOORS)


def _time_and_chance(tree: ast.Module) -> set[str]:
    found = {name.partition(".")[0] for name in imported(tree)} & CHANCE
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = dotted(node)
            found |= {".".join(name.split(".")[-2:])} & CLOCKS | {name.rpartition(".")[2]} & TIMERS
        elif isinstance(node, ast.FunctionDef) and node.name in TIMERS:
            found.add(node.name)
    return found


def test_environment_is_read_by_the_command_line_only():
    """Settings come as arguments; nobody else looks into the environment."""
    readers = {
        s.path
        for s in SOURCES
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Attribute) and dotted(n) in ("os.environ", "os.getenv")
    }
    # soapui: what a project names as ${#Env#...}
    assert readers <= {"gateway/cli/serve.py", "gateway/cli/lab.py", "gateway/cli/soapui.py"}


# ---- size ------------------------------------------------------------------------------------------------------------


def test_modules_are_short():
    """No module is longer than 400 lines."""
    assert [s.path for s in SOURCES if s.text.count("\n") > 400] == []


def test_functions_are_short():
    """No function is longer than 50 lines."""
    long = [
        f"{s.path}:{f.lineno} {f.name}"
        for s in SOURCES
        for f in functions(s.tree)
        if (f.end_lineno or 0) - f.lineno + 1 > 50
    ]
    assert long == []


# ---- words -----------------------------------------------------------------------------------------------------------


def test_modules_say_what_they_are_for():
    """Every module that holds anything begins with a docstring."""
    assert [s.path for s in SOURCES if s.text and not ast.get_docstring(s.tree)] == []


def test_public_things_have_docstrings():
    """Public classes, functions and methods say what they do; the stores' reads say it once, in the port."""
    silent = [
        f"{s.path}:{node.lineno} {name}"
        for s in GATEWAY
        for name, node in public(s.tree)
        if not ast.get_docstring(node) and not (s.under("gateway/store/") and node.name in vars(Store)) and not _only_method(node, s.tree)
    ]  # fmt: skip
    assert silent == []


def _only_method(node: Definition, tree: ast.Module) -> bool:
    """Whether it is the single method of a Protocol, which the docstring of the class describes."""
    protocols = [
        c for c in ast.walk(tree) if isinstance(c, ast.ClassDef) and any(dotted(b) == "Protocol" for b in c.bases)
    ]
    return any(node in c.body and len(list(functions(c))) == 1 and ast.get_docstring(c) for c in protocols)  # type: ignore[arg-type]


def test_port_is_described():
    """What the stores need not say again, the port does say."""
    assert [name for name, act in vars(Store).items() if not name.startswith("_") and not act.__doc__] == []


EMPTY_WORDS = re.compile(r"(Manager|Helper|Util|Utils|Base|Impl)$")


def test_names_say_something():
    """No class is named after nothing."""
    assert [
        f"{s.path} {n.name}"
        for s in SOURCES
        for n in ast.walk(s.tree)
        if isinstance(n, ast.ClassDef) and EMPTY_WORDS.search(n.name)
    ] == []


def test_nothing_is_left_to_do():
    """No TODO, no print, no code for the debugger."""
    words = re.compile(r"\b(TODO|FIXME|XXX|breakpoint\(|pdb|print\()")
    assert [f"{s.path}: {found[0]}" for s in SOURCES if (found := words.search(s.text))] == []


# ---- errors ----------------------------------------------------------------------------------------------------------

BROAD = {
    "gateway/engine/engine.py": (1, "the flow driver: a flow that fails must not take others with it"),
    "gateway/engine/fallout.py": (1, "the same driver, looking ahead: a flow that fails is what a person is asked about"),
    "gateway/soap/http_connection.py": (3, "the server edge: whatever breaks in a handler, the client gets an answer"),
}


def test_everything_is_caught_in_two_places_only():
    """Broad excepts stand at the server edge and in the flow driver."""
    found = Counter(
        s.path for s in SOURCES for n in ast.walk(s.tree) if isinstance(n, ast.ExceptHandler) and _broad(n.type)
    )
    assert found == {path: count for path, (count, _) in BROAD.items()}


def _broad(caught: ast.expr | None) -> bool:
    return caught is None or any(dotted(n) in ("Exception", "BaseException") for n in ast.walk(caught))


def test_broad_excepts_give_their_reason():
    """Each of them says why, on its line."""
    unexplained = [
        f"{s.path}:{n.lineno}"
        for s in SOURCES
        for n in ast.walk(s.tree)
        if isinstance(n, ast.ExceptHandler) and _broad(n.type) and not re.search(r"# noqa: BLE001 .{15,}", s.text.split("\n")[n.lineno - 1])
    ]  # fmt: skip
    assert unexplained == []


def test_nothing_is_swallowed():
    """No handler does nothing, and nothing is suppressed wholesale."""
    swallowed = [
        f"{s.path}:{n.lineno}"
        for s in SOURCES
        for n in ast.walk(s.tree)
        if (isinstance(n, ast.ExceptHandler) and all(isinstance(b, ast.Pass) for b in n.body))
        or (isinstance(n, ast.Call) and dotted(n.func).endswith("suppress") and any(_broad(a) for a in n.args))
    ]
    assert swallowed == []


# ---- what is in the repository ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tracked() -> dict[str, str]:
    """Every tracked text file by its path."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run([git, "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8", errors="replace") for path in files}


def test_no_place_of_this_machine(tracked):
    """Nothing names the directory in which it happens to be built, or the home of whoever builds it."""
    places = [str(place) for place in (ROOT, ROOT.parent, Path.home()) if len(place.parts) > 2]  # a name like /tmp is everybody's
    pattern = re.compile("|".join(rf"(?<![\w./-]){re.escape(place)}(?![\w.-])" for place in places))
    assert [name for name, text in tracked.items() if pattern.search(text)] == []


def test_no_home_of_anybody(tracked):
    """Nor any other machine's: no path into a home directory."""
    homes = re.compile(r"(?<![\w.:/-])/(?:" + "|".join(("home", "Users", "root")) + r")/\w")
    assert [name for name, text in tracked.items() if homes.search(text)] == []


def test_no_name_of_this_machine(tracked):
    """Nothing names the machine; names as short as a word of the language are not looked for."""
    name = socket.gethostname()
    if len(name) < 5 or name.startswith("localhost"):
        pytest.skip("this machine's name is a common word")
    assert [path for path, text in tracked.items() if re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_no_package_index_is_named(tracked):
    """Where packages come from is the machine's matter: neither lock file nor configuration says it."""
    settings = re.compile(
        r"(?:--(?:extra-)?index-url|--find-links|index-url\s*=|registry\s*=|\"resolved\"\s*:)[ =\"]*\S*https?:", re.I
    )
    assert [name for name, text in tracked.items() if settings.search(text)] == []


def test_tests_have_names_of_their_own():
    """Test files stand in directories without packages, so no two may have the same name."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_test_says_what_it_proves():
    """A test's docstring is the fact."""
    silent = [
        f"{path.relative_to(ROOT)}:{f.lineno} {f.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for f in functions(ast.parse(path.read_text(encoding="utf-8")))
        if f.name.startswith("test_") and not ast.get_docstring(f)
    ]
    assert silent == []
