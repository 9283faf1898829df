"""Each role's kit against our own stub or gateway of that role: grade A."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from testlab import free_ports

from gateway.cli.admin_client import AdminClient
from gateway.cli.data import upload
from gateway.cli.datafiles import read_catalogue, read_subscribers
from gateway.cli.lab import start
from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e
HERE = Path(__file__).parent
E2E = HERE.parent / "e2e"
STUBS = ("crm", "ppm", "portal", "smshall", "provisioning")


def played(asked: dict) -> dict[str, dict]:
    """Play kits in one process; gives what became of each role."""
    done = subprocess.run(
        [sys.executable, str(HERE / "play_kits.py"), json.dumps(asked)],
        check=True, stdout=subprocess.PIPE, text=True, timeout=120, env={"PYTHONPATH": str(E2E), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["role"]: one for one in results}


@pytest.fixture(scope="module")
def of_stubs() -> dict[str, dict]:
    """The roles whose partner is one of our stubs; provisioning stands apart from CRM, which the kit plays."""
    return played(
        {
            "sets": [
                {"stubs": STUBS[:4], "kits": [{"role": name} for name in STUBS[:4]]},
                {"stubs": STUBS[4:], "kits": [{"role": STUBS[4]}]},
                {"stubs": ["xplatform"], "legacy": True, "kits": [{"role": "ismp-sp", "path": "/VsopWeb/services/IsmpSpEngine"}]},
            ]
        }
    )


@pytest.mark.parametrize("role", [*STUBS, "ismp-sp"])
def test_stub_gets_grade_a(of_stubs, role: str) -> None:
    """Every case of the role passes, or is not about this partner."""
    result = of_stubs[role]
    assert (result["grade"], result["failed"]) == ("A", [])


def serve(directory: Path, tier: str, kit: str) -> tuple:
    """Start a gateway all of whose partners are the kit, and load the lab's data; gives its process and port."""
    port, admin = free_ports(2)
    services = f"{kit}/services"
    values = {
        "gateway.port": port, "gateway.public_url": f"http://127.0.0.1:{port}", "admin.port": admin, "gateway.state_dir": directory,
        "retry.base_ms": 100, "retry.cap_s": 1, "breaker.open_s": 0.3, "breaker.open_cap_s": 1,
        "partners.xplatform.303.url": f"{services}/xplatform",
    }  # fmt: skip
    if tier == "group":
        values |= {f"partners.{name}.url": f"{services}/{name}" for name in ("ocs", "crm", "billing")}
        values |= {f"partners.vsop.{code}.url": f"{services}/vsop" for code in ("15", "21")}
    else:
        values |= {f"partners.{name}.url": f"{services}/{name}" for name in ("ocs", "billing", "smshall", "crm", "provisioning")}
        values |= {f"partners.ismp.{code}.url": f"{services}/ismp" for code in ("203", "204", "205")}
        values |= {f"partners.channel.{code}.url": f"{services}/portal" for code in ("211", "212", "213", "214", "215")}
        values |= {"partners.vsop.35.url": f"{services}/vsop"}
    options = [item for key, value in values.items() for item in ("--set", f"{key}={value}")]
    config = etc_dir() / ("group.toml" if tier == "group" else "provincial.toml")
    process = start(tier, ["serve", "-c", str(config), *options], log=directory / "log")
    admins = [AdminClient(tier, f"http://127.0.0.1:{admin}", directory / "admin.token")]
    upload(admins, "catalogue", read_catalogue, etc_dir() / "lab/catalogue.toml")
    upload(admins, "subscribers", read_subscribers, etc_dir() / "lab/subscribers.toml")
    return process, port


@pytest.mark.parametrize(("role", "tier"), [("vsop-provincial", "province"), ("vsop-group", "group")])
def test_gateway_gets_grade_a(tmp_path, role: str, tier: str) -> None:
    """A gateway whose partners are all played by the kit keeps every rule of its tier."""
    (listen,) = free_ports(1)
    process, port = serve(tmp_path, tier, f"http://127.0.0.1:{listen}")
    try:
        kit = {"role": role, "url": f"http://127.0.0.1:{port}/services/vsop"}
        result = played({"sets": [{"kits": [kit], "listen": listen}]})[role]
    finally:
        process.stop()
    assert (result["grade"], result["failed"]) == ("A", [])
