"""Each role's kit against our own stub of that role: grade A and exit 0."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from testlab import free_ports

from stubs.partnerkit.catalogue import ROLES

pytestmark = pytest.mark.e2e
PLAYED = ("crm", "ppm", "provisioning", "portal", "smshall")


@pytest.fixture(scope="module")
def stubs():
    """One stub set of these roles that calls the kit; gives its port and the kit's."""
    port, listen = free_ports(2)
    command = ["stub", "up", *PLAYED, "--port", str(port), "--gateway", f"http://127.0.0.1:{listen}"]
    process = subprocess.Popen([sys.executable, "-m", "gateway", *command], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(process.stdout.readline())["ready"]
        yield port, listen
    finally:
        process.terminate()
        assert process.wait(20) == 0
        process.stdout.close()


@pytest.mark.parametrize("role", PLAYED)
def test_our_stub_gets_grade_a(stubs, role: str, tmp_path) -> None:
    """Every case of the role passes or is not about this partner; the command ends with 0."""
    port, listen = stubs
    url = f"http://127.0.0.1:{port}/services/{ROLES[role].contract}"
    command = ["kit", "run", "--role", role, "--url", url, "--out", str(tmp_path), "--listen", str(listen)]
    done = subprocess.run([sys.executable, "-m", "gateway", *command], capture_output=True, text=True, timeout=60)
    assert (done.returncode, json.loads((tmp_path / "results.json").read_text())["grade"]) == (0, "A"), done.stdout + done.stderr
