"""The lab file: which gateways and stub sets make up the demo, and how their processes are started and stopped."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.config import Config, ConfigMistakes, load_config
from gateway.resources import etc_dir
from stubs.kit.settings import LabError, StubSettings, read_lab

STATE = Path("var/lab")
"""Where the lab's gateways keep their state, below the directory that the command is started in."""


@dataclass(frozen=True, slots=True)
class LabGateway:
    """One gateway of the lab."""

    name: str
    config_file: Path
    overrides: Mapping[str, Any]
    config: Config


@dataclass(frozen=True, slots=True)
class Lab:
    """Gateways, stub sets, and the data that both are seeded with."""

    file: Path
    catalogue: Path
    subscribers: Path
    gateways: tuple[LabGateway, ...]
    stubs: tuple[StubSettings, ...]


def default_lab() -> Path:
    """The shipped lab file."""
    return etc_dir() / "lab.toml"


def load_lab(file: Path) -> Lab:
    """Read a lab file with every configuration that it names; all mistakes at once, exit 2."""
    try:
        text = tomllib.loads(file.read_text(encoding="utf-8"))
        gateways = tuple(_gateway(file, table) for table in text.get("gateway", []))
        stubs = tuple(read_lab(file))
        data = text["lab"]
    except (ConfigMistakes, LabError) as mistakes:
        raise UsageFailed(str(mistakes)) from None
    except (OSError, KeyError, ValueError) as error:
        raise UsageFailed(f"{file}: {error}") from None
    return Lab(file, file.parent / data["catalogue"], file.parent / data["subscribers"], gateways, stubs)


def _gateway(file: Path, table: Mapping[str, Any]) -> LabGateway:
    config_file = file.parent / table["config"]
    overrides = {"gateway.state_dir": str(STATE / table["name"]), "gateway.name": table["name"], **table.get("set", {})}
    return LabGateway(table["name"], config_file, overrides, load_config(config_file, os.environ, overrides))


@dataclass(slots=True)
class Process:
    """A child process that printed its ready line."""

    name: str
    popen: subprocess.Popen[str]
    ready: dict[str, Any] = field(default_factory=dict)

    def stop(self, seconds: float = 25.0) -> int:
        """Ask it to drain and wait; only then end it."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        code = self.popen.wait()
        for pipe in (self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                pipe.close()
        return code


def start(name: str, arguments: list[str], *, log: Path | None = None, seconds: float = 30.0) -> Process:
    """Start `vsopgw` with arguments and wait for its ready line; raises CommandFailed with what it said instead."""
    written = log.stat().st_size if log is not None and log.exists() else 0
    errors = open(log, "a", encoding="utf-8") if log is not None else None  # noqa: SIM115  the child keeps it
    try:
        popen = subprocess.Popen(
            [sys.executable, "-m", "gateway", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors or subprocess.PIPE,
            text=True,
        )
    finally:
        if errors is not None:
            errors.close()
    return announced(Process(name, popen), log=log, written=written, seconds=seconds)


def announced(process: Process, *, log: Path | None, written: int = 0, seconds: float = 30.0) -> Process:
    """Wait for the ready line of a process; raises CommandFailed with what it said instead, in its log from `written` bytes on."""
    popen = process.popen
    line = None
    try:
        line = _first_line(popen, seconds)
    finally:
        if line is None:  # interrupted while waiting: the child must not stay behind
            process.stop(2)
    if not line:
        popen.kill()
        popen.wait()
        said = (
            log.read_text(encoding="utf-8")[written:]
            if log is not None
            else (popen.stderr.read() if popen.stderr else "")
        )
        process.stop()
        raise CommandFailed(said.strip() or f"{process.name} did not start within {seconds:.0f} s", popen.returncode or 4)
    process.ready = json.loads(line)
    return process


def _first_line(popen: subprocess.Popen[str], seconds: float) -> str:
    assert popen.stdout is not None
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(popen.stdout, selectors.EVENT_READ)
        while time.monotonic() < until:
            if selector.select(0.2):
                return popen.stdout.readline()
            if popen.poll() is not None:
                return ""
    return ""


def serve_arguments(gateway: LabGateway) -> list[str]:
    """The command that starts a gateway of the lab."""
    settings = [item for key, value in gateway.overrides.items() for item in ("--set", f"{key}={value}")]
    return ["serve", "-c", str(gateway.config_file), *settings]
