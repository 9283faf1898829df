"""`vsopgw docs build` and `docs serve`."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from gateway.cli.main import main


def test_build_writes_the_site(tmp_path):
    """All pages with the drawings of the flows; where to begin is said."""
    done = CliRunner().invoke(main, ["docs", "build", str(tmp_path / "site")])
    assert (done.exit_code, "index.html" in done.output) == (0, True), done.output
    assert "<svg" in (tmp_path / "site/flow-4.1.3.html").read_text(encoding="utf-8")


def test_build_says_why_it_cannot_write(tmp_path):
    """A file in the place of the directory: exit 2, no trace."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").mkdir()
    done = CliRunner().invoke(main, ["docs", "build", str(tmp_path / "site")])
    assert (done.exit_code, "Is a directory" in done.stderr) == (2, True)


def test_serve_says_that_a_port_is_taken():
    """A port in use: exit 2 and its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["docs", "serve", "--port", str(port)])
    assert (done.exit_code, str(port) in done.stderr) == (2, True)


def test_serve_answers_until_it_is_ended():
    """Pages come with their kind, an unknown one is a 404, and SIGTERM ends with exit 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "docs", "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        url = process.stdout.readline().split()[0]
        with urllib.request.urlopen(url, timeout=10) as answer:
            told = answer.headers["Content-Type"], "interfaces" in answer.read().decode()
        with urllib.request.urlopen(f"{url}app.js", timeout=10) as script:
            kind = script.headers["Content-Type"]
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{url}../../etc/passwd", timeout=10)
        missing.value.close()
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert (told, kind, missing.value.code, code) == (
        ("text/html; charset=utf-8", True), "text/javascript; charset=utf-8", 404, 0,
    )  # fmt: skip
