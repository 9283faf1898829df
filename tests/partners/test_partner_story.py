"""docs/partners.md is run as it stands there, from its first command to its last, in an empty directory.

A block `sh` is run by bash; a line that ends with `&` goes on in the background, once it has said its first line. `# exit N` behind a
command says with what it ends. A block `text` is what the command before it prints, with `...` for anything. A block with `# file: NAME`
in its first line is that file.

`vsopgw` is forked from a process that has read the program already (quick_shell.py); that it starts by itself is seen in other tests.
"""

from __future__ import annotations

import itertools
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from quick_shell import QuickShell
from testlab import free_ports

from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "partners.md").read_text(encoding="utf-8")
PORTS = ("7115", "7116", "7001")
"""Of the page; the test has free ones in their places, and the commands that need no port there are told the address."""
TO_STUB = re.compile(r"^(vsopgw stub (?!up|record|fault list)[a-z-]+.*?)((?: +#| *[>|]).*)?$", re.MULTILINE)
SAMPLE = re.compile(r"^(vsopgw samples show (\w+) (?!.*--url).*?)(?= >| \||$)", re.MULTILINE)
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the page, with the heading above it."""

    heading: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.heading}: {self.text.strip().splitlines()[0][:50]}"


def blocks(page: str) -> list[Block]:
    """All blocks in order."""
    made = []
    for part in re.split(r"^## ", page, flags=re.MULTILINE):
        heading = part.partition("\n")[0].strip("# ")
        made += [Block(heading, kind, text) for kind, text in re.findall(r"^```(\w+)\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)]
    return made


class Story:
    """Where the page is played: a directory, its ports, what runs in the background, what was said last."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
        self.said = ""
        self._running: list[subprocess.Popen[bytes]] = []
        commands = directory / "commands"
        commands.mkdir()
        self._shell = QuickShell(commands)
        path = os.pathsep.join((str(commands), str(Path(sys.executable).parent), os.environ["PATH"]))
        self._environment = {
            **os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8", "COLUMNS": "160", "VSOP": str(self._checkout(directory / "checkout"))
        }  # fmt: skip

    def _checkout(self, copy: Path) -> Path:
        """The checkout's etc, with the ports of this test."""
        shutil.copytree(etc_dir(), copy / "etc")
        file = copy / "etc/provincial.toml"
        text = file.read_text(encoding="utf-8").replace("71{province}", self.ports["7115"])
        text = re.sub(r"^port = 7001.*", f"port = {self.ports['7001']}", text, flags=re.MULTILINE)
        file.write_text(f"{text}\n[admin]\nport = {free_ports(1)[0]}\n", encoding="utf-8")
        return copy

    def here(self, text: str) -> str:
        """The text with the ports of this test; commands that speak to the stub at its usual address are told the address."""
        text = TO_STUB.sub(r"\1 --url http://127.0.0.1:7115\2", text)
        text = SAMPLE.sub(r"\1 --url http://127.0.0.1:7115/services/\2", text)
        return re.sub("|".join(rf"\b{port}\b" for port in PORTS), lambda found: self.ports[found[0]], text)

    def play(self, block: Block) -> None:
        """Run a block, or write its file, or look whether the last one said what stands here."""
        text = self.here(block.text)
        if named := re.match(r"# file: (\S+)\n", text):
            (self.directory / named[1]).write_text(text, encoding="utf-8")
        elif block.kind == "sh":
            self.said = self._background(text) if text.rstrip().endswith("&") else self._run(text)
        else:
            assert block.kind == "text", block
            self._compare(text)

    def _run(self, text: str) -> str:
        wanted = re.search(r"# exit (\d)$", text, re.MULTILINE)
        done = subprocess.run(
            ["bash", "-c", text], cwd=self.directory, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
        said = done.stdout.decode()
        assert done.returncode == int(wanted[1] if wanted else 0), said
        return said

    def _background(self, text: str) -> str:
        command = text.rstrip().rstrip("&").replace("\\\n", " ")
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=self.directory, env=self._environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        self._running.append(process)
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        assert ready, f"{command} says nothing"
        return process.stdout.readline().decode()

    def _compare(self, text: str) -> None:
        lines = iter(self.said.splitlines())
        for expected in text.splitlines():
            pattern = re.compile(".*".join(re.escape(part) for part in _blanks(expected).split("...")))
            assert any(pattern.fullmatch(_blanks(line)) for line in lines), f"not said, or not in this order: {expected}\n{self.said}"

    def end(self) -> list[int]:
        """End what runs in the background; gives the exit codes."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(SECONDS) for process in self._running]
        self._shell.close()
        for process in self._running:
            assert process.stdout is not None
            process.stdout.close()
        return codes


def _blanks(line: str) -> str:
    """Columns are as wide as what stands in them."""
    return re.sub(r"-{3,}", "---", re.sub(r" +", " ", line))


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The page's directory; what it started ends with exit 0."""
    story = Story(tmp_path_factory.mktemp("story"))
    try:
        yield story
    finally:
        codes = story.end()
    assert set(codes) <= {0}


BLOCKS = blocks(PAGE)


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{number:02d} {block}" for number, block in zip(itertools.count(1), BLOCKS, strict=False)])
def test_page_is_true(story, block: Block) -> None:
    """A command of the page does what the page says; the blocks build on each other."""
    story.play(block)


def test_every_section_has_a_command() -> None:
    """No chapter of the page is only told."""
    assert {block.heading for block in BLOCKS if block.kind == "sh"} == {
        PAGE.partition("\n")[0].strip("# "), *re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    }


def test_chinese_page_has_the_same_commands() -> None:
    """docs/partners.zh.md tells the same story: block for block, link for link."""
    chinese = (DOCS / "partners.zh.md").read_text(encoding="utf-8")
    assert [(b.kind, b.text) for b in blocks(chinese)] == [(b.kind, b.text) for b in BLOCKS]
    links = [set(re.findall(r"\]\(([^)]+)\)", page)) - {"partners.md", "partners.zh.md"} for page in (chinese, PAGE)]
    assert links[0] == links[1]
    assert [link for link in links[0] if not (DOCS / link).exists()] == []
