"""docs/operations.md: every block of commands, in its order, from an empty directory to an upgrade, on a PostgreSQL of the test's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from installed import free_hundred, moved

pytestmark = pytest.mark.e2e
PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_commands_run_as_they_stand(installed, cluster, tmp_path) -> None:
    """All succeed; the order that was placed first is there after restore and upgrade, and both tiers end in order."""
    hundred = free_hundred()
    for release in ("0.1.0", "0.2.0"):  # the next release is this one, at another place
        (tmp_path / f"vsopgw-{release}").symlink_to(installed.bin.parent)
    script = "\n".join(BLOCKS).replace("\nexport PATH", "\nset -x\nexport PATH", 1)
    for place in ("/opt/vsopgw", "/etc/vsopgw", "/var/lib/vsopgw"):
        script = script.replace(place, str(tmp_path / place.lstrip("/").replace("opt/", "")))
    # The shipped files are for one lab on one machine: as soon as they are written, they move to ports that are free.
    (tmp_path / "ports.sed").write_text(rf"s/\b7[01]([0-9]{{2}}\b|\{{province)/{hundred}\1/g")
    ports = f"find {tmp_path}/etc -name '*.toml' -exec sed -Ei -f ports.sed {{}} +"
    script = re.sub(r"^vsopgw config init .*$", lambda found: f"{found[0]}\n{ports}", script, flags=re.MULTILINE)
    script = script.replace("db.example:5432", f"127.0.0.1:{cluster.port}")
    script = script.replace("order place", f"order place --gateway http://127.0.0.1:{moved('7001', hundred)}")
    environment = {**installed.environment, "PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": "vsop"}
    script += "\nkill $group $province\nwait $group\nwait $province\n"
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said = shell.communicate(timeout=120)[0]
    finally:
        _end(shell.pid)
    assert shell.returncode == 0, said[-6000:] + _logs(tmp_path)


def _end(group: int) -> None:
    """End what the shell left: the stubs, and after a failure all else."""
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return


def _logs(directory: Path) -> str:
    return "".join(f"\n--- {path.name}\n{path.read_text(encoding='utf-8')[-2000:]}" for path in sorted(directory.glob("*.log")))
