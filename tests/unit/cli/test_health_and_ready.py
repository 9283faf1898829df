"""`vsopgw health`, `vsopgw config init`, and the word to systemd."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.cli.ready import tell_ready
from gateway.config import load_config


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run `vsopgw` with arguments in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


def test_systemd_is_told(tmp_path, capsys):
    """The ready line is printed, and READY=1 is sent to the socket of a unit of Type=notify."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        tell_ready({"ready": True}, {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert (systemd.recv(100), capsys.readouterr().out) == (b"READY=1", '{"ready": true}\n')


def test_a_socket_that_nobody_reads_is_told(tmp_path, capsys):
    """A gateway starts all the same, and its log says why systemd does not know."""
    tell_ready({"ready": True}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert "systemd.unreachable" in capsys.readouterr().err


def test_init_writes_files_that_are_good(command, tmp_path):
    """Each gateway's file can be read, and its state is below the directory that was named."""
    ended = command("config", "init", "mine", "--state", "/var/lib/vsopgw")
    found = [load_config(tmp_path / "mine" / name, {}, {}).gateway.state_dir.as_posix() for name in ("group.toml", "provincial.toml")]
    assert (ended.exit_code, found) == (0, ["/var/lib/vsopgw/vsop-35", "/var/lib/vsopgw/vsop-15"])


def test_init_touches_nothing_that_is_there(command, tmp_path):
    """A file that is there is named, exit 2, and nothing is written beside it."""
    (tmp_path / "group.toml").write_text("mine")
    ended = command("config", "init", tmp_path)
    assert (ended.exit_code, ended.stderr, sorted(path.name for path in tmp_path.iterdir())) == (
        2, f"{tmp_path / 'group.toml'} is there already\n", ["group.toml"],
    )  # fmt: skip


def test_health_of_a_gateway_that_does_not_run(command):
    """Exit 3, with the gateway's name."""
    command("config", "init", ".")
    ended = command("health", "-c", "group.toml")
    assert (ended.exit_code, ended.stderr.partition(":")[0]) == (3, "vsop-35")


def test_a_lab_file_with_a_mistake_is_told(command, tmp_path):
    """`vsopgw demo` names file and line, exit 2."""
    command("config", "init", ".", "--lab")
    text = (tmp_path / "lab.toml").read_text(encoding="utf-8")
    (tmp_path / "lab.toml").write_text(text.replace("[lab]\n", '[lab]\nwsdl = "none"\n'), encoding="utf-8")
    ended = command("demo", "--lab", "lab.toml")
    assert (ended.exit_code, ended.stderr.endswith("[lab] wsdl names no directory\n")) == (2, True)
