"""A lab of real processes for the end-to-end tests: gateways and stub sets on free ports, killed and restarted at will.

Everything is asked through public doors: SOAP by Zeep in strict mode, the gateways' admin API, the stubs' admin API.
"""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import zeep
from nursery import Nursery
from oldclient import OldClient, spoken_old

from gateway.cli.admin_client import AdminClient
from gateway.cli.data import upload
from gateway.cli.datafiles import read_catalogue, read_subscribers
from gateway.cli.lab import Process, announced, start
from gateway.cli.play import Door, Played, Player
from gateway.cli.stub_client import StubClient
from gateway.resources import etc_dir
from gateway.vocabulary import CHINA, write_time

PROVINCES = {"jiangxi": "15", "guangxi": "21", "group": "35"}
_SECOND = itertools.count()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class TestLab:
    """Group and provinces, each with its stub set."""

    __test__ = False

    def __init__(
        self, directory: Path, gateways=("group", "jiangxi"), extra_numbers=(), databases=None, *, nursery: Nursery | None = None,
        legacy: bool = False, **settings: str,
    ) -> None:  # fmt: skip
        """`legacy` lets everybody speak the field's old forms.

        `databases` names the PostgreSQL database of each gateway that has one; the others have a file.

        `nursery` forks the gateways; `settings` are those of every start of a gateway, as section__key=value.
        """
        self.directory = directory
        self.databases = databases or {}
        self.twins = {}
        self.nursery = nursery
        self.legacy = legacy
        self.settings = settings
        self.names = gateways
        ports = free_ports(3 * len(gateways))
        self.ports = dict(zip(gateways, ports[0::3], strict=True))
        self.admin_ports = dict(zip(gateways, ports[1::3], strict=True))
        self.stub_ports = dict(zip(gateways, ports[2::3], strict=True))
        self.processes = {}
        self._player: Player | None = None
        self.subscribers = directory / "subscribers.toml"
        text = (etc_dir() / "lab/subscribers.toml").read_text()
        for number in extra_numbers:
            text += f'\n[[subscriber]]\nnumber = "{number}"\nspec = "003"\npay = "prepaid"\nstate = "active"\nbalance = 5000\n'
        self.subscribers.write_text(text)
        self._write_lab()

    def _write_lab(self) -> None:
        tables = [
            f'[lab]\ncatalogue = "{etc_dir()}/lab/catalogue.toml"\nsubscribers = "{self.subscribers}"\nwsdl = "{etc_dir().parent}/wsdl"'
        ]
        for name in self.names:
            national = ["xplatform", "ocs", "crm", "billing"]
            provincial = ["ocs", "billing", "ismp", "xplatform", "portal", "smshall", "crm", "provisioning"]
            roles = national if name == "group" else provincial
            stub_name = "national" if name == "group" else name
            tables.append(
                f'[[stubs]]\nname = "{stub_name}"\nprovince = "{PROVINCES[name]}"\nport = {self.stub_ports[name]}\n'
                f'gateway = "http://127.0.0.1:{self.ports[name]}"\nroles = {json.dumps(roles)}\n'
                f"legacy = {json.dumps(self.legacy)}"
            )
        (self.directory / "lab.toml").write_text("\n\n".join(tables) + "\n")

    def start(self) -> None:
        self.processes["stubs"] = start(
            "stubs", ["stub", "up", "--lab", str(self.directory / "lab.toml")], log=self.directory / "stubs.log"
        )
        for name in self.names:
            self.serve(name)
        admins = [self.admin(name) for name in self.names]
        upload(admins, "catalogue", read_catalogue, etc_dir() / "lab/catalogue.toml")
        upload(admins, "subscribers", read_subscribers, self.subscribers)

    def serve(self, name: str, *options: str, **settings: str) -> None:
        """Start a gateway; settings as section__key=value, options as on the command line."""
        home = self.twins.get(name, name)
        stub = f"http://127.0.0.1:{self.stub_ports[name]}/services"
        values = {
            "gateway.name": name, "gateway.province": PROVINCES[home], "gateway.port": self.ports[name],
            "gateway.public_url": f"http://127.0.0.1:{self.ports[name]}", "admin.port": self.admin_ports[name],
            "gateway.state_dir": self.directory / name, "retry.base_ms": 100, "retry.cap_s": 1,
            "breaker.open_s": 0.3, "breaker.open_cap_s": 1,
            "partners.xplatform.303.url": f"{stub}/xplatform",
        }  # fmt: skip
        if home in self.databases:
            values |= {"store.kind": "postgres", "store.url": self.databases[home], "store.lease_s": 1}
        values[f"partners.vsop.{PROVINCES[home]}.url"] = f"http://127.0.0.1:{self.ports[name]}/services/vsop"
        if home == "group":
            values |= {f"partners.{role}.url": f"{stub}/{role}" for role in ("ocs", "billing", "crm")}
            provinces = {c: n for n, c in PROVINCES.items() if n in self.names and n != "group"}
            values |= {
                f"partners.vsop.{c}.url": f"http://127.0.0.1:{self.ports[n]}/services/vsop"
                for c, n in provinces.items()
            }
        else:
            values |= {f"partners.{role}.url": f"{stub}/{role}" for role in ("ocs", "billing", "smshall", "crm", "provisioning")}
            values |= {f"partners.ismp.{code}.url": f"{stub}/ismp" for code in ("203", "204", "205")}
            values |= {f"partners.channel.{code}.url": f"{stub}/portal" for code in ("211", "212", "213", "214", "215")}
            values |= {"partners.vsop.35.url": f"http://127.0.0.1:{self.ports['group']}/services/vsop"}
        if self.legacy:
            values |= spoken_old(values, f"http://127.0.0.1:{self.stub_ports[name]}/VsopWeb/services")
        values |= {key.replace("__", "."): str(value).replace("{name}", name) for key, value in {**self.settings, **settings}.items()}
        if name in self.processes:
            self.processes[name].stop()
        config = etc_dir() / ("group.toml" if home == "group" else "provincial.toml")
        arguments = [item for key, value in values.items() for item in ("--set", f"{key}={value}")]
        self.processes[name] = self._started(name, ["serve", "-c", str(config), *options, *arguments])

    def _started(self, name: str, arguments: list[str]) -> Process:
        log = self.directory / f"{name}.log"
        if self.nursery is None:
            return start(name, arguments, log=log)
        written = log.stat().st_size if log.exists() else 0
        return announced(Process(name, self.nursery.start(arguments, log)), log=log, written=written)

    def serve_twin(self, twin: str, home: str, **settings: str) -> None:
        """Start one more gateway of a tier and province, on the same database."""
        self.twins[twin] = home
        self.stub_ports[twin] = self.stub_ports[home]
        self.ports[twin], self.admin_ports[twin] = free_ports(2)
        self.serve(twin, **settings)

    def kill(self, name: str) -> None:
        """kill -9."""
        self.processes[name].popen.kill()
        self.processes[name].popen.wait()

    def wait_dead(self, name: str, seconds: float = 15.0) -> bool:
        """Whether a gateway ended by itself in time."""
        try:
            self.processes[name].popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> dict[str, int]:
        """Drain all processes; gives their exit codes."""
        return {name: process.stop() for name, process in reversed(self.processes.items())}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}/services/vsop"

    def admin(self, name: str) -> AdminClient:
        return AdminClient(name, f"http://127.0.0.1:{self.admin_ports[name]}", self.directory / name / "admin.token")

    def stubs(self, name: str) -> StubClient:
        return StubClient(name, f"http://127.0.0.1:{self.stub_ports[name]}/_stub")

    def client(self, name: str) -> zeep.Client | OldClient:
        """Who orders as a channel does; in old forms where the lab speaks them."""
        if self.legacy:
            return OldClient(f"http://127.0.0.1:{self.ports[name]}/VsopWeb/services")
        return zeep.Client(f"{self.url(name)}?wsdl", settings=zeep.Settings(strict=True))

    def request(self, number: str, *offers: str, action="0", offer_type="0", **others) -> dict:
        """Fields of a subscribeToVSOP of the portal, under fresh numbers."""
        now = write_time(datetime.now(CHINA))
        serial = f"{now}{next(_SECOND):09d}"
        fields = {
            "StreamingNo": f"211{serial}", "TimeStamp": now, "SystemId": "211", "ActionType": action, "OrderId": f"W{serial}",
            "ProdSpecCode": "003", "ProductNo": number,
            "ProductOfferInfo": [{"ProductOfferType": offer_type, "ProductOfferID": offer} for offer in offers],
        }  # fmt: skip
        return {**fields, **others}

    @property
    def player(self) -> Player:
        """What plays a case of any section here."""
        if self._player is None:
            self._player = Player(
                {name: Door(name, f"http://127.0.0.1:{self.ports[name]}", self.admin(name), self.stubs(name)) for name in self.names}
            )
        return self._player

    def play(self, played: Played) -> Played:
        """Wait until a case has ended; the steps that were done and seen are noted as covered."""
        assert played.refused is None, played.refused
        self.player.settled(played)
        return played

    def settled(self, name: str, order_id: str, seconds: float = 20.0) -> list[dict]:
        """Wait until an order has ended at every tier; gives its legs, the first one where it began."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            begun = self.admin(name).get(f"orders/{order_id}")
            if begun is not None and begun["run"] in ("ended", "stuck"):
                legs = [leg for each in self.names for leg in self.admin(each).get(f"traces/{begun['trace_id']}")]
                if all(leg["run"] in ("ended", "stuck") for leg in legs):
                    return sorted(legs, key=lambda leg: leg["order_id"] != leg["trace_id"])
            time.sleep(0.03)
        raise AssertionError(f"order {order_id} did not end: {self.admin(name).get(f'orders/{order_id}')}")

    def relations(self, name: str, number: str) -> dict[str, str]:
        """Product to state of the relation, as a tier has it."""
        return {r["product"]: r["state"] for r in self.admin(name).get(f"numbers/{number}")["relations"]}


def get(url: str, headers=None) -> tuple[int, dict, bytes]:
    """Plain HTTP GET."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
        return answer.status, dict(answer.headers), answer.read()
