"""Plays kits one after the other in one process: starting one for each would cost more than the cases. Run as a program.

Its argument is JSON: `sets` is a list of {stubs?, wrong?, legacy?, listen?, kits}. `stubs` are the roles of a stub set that is served
here and whose calls go to the kit, `wrong` the name of a wrong SP; `kits` is a list of {role, url?, path?, data?}, where no url means
what is served here. Prints one JSON line for each kit: role, grade, and what failed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from testlab import free_ports
from twisted.internet.defer import Deferred
from wrong_sp import Door

from gateway.resources import contracts_dir, etc_dir
from gateway.runtime import reactor as reactors
from gateway.soap.http import HttpFactory
from stubs.kit.host import StubHost
from stubs.kit.settings import read_lab
from stubs.partnerkit.assembly import Assembly, Settings
from stubs.partnerkit.catalogue import ROLES, cases_of
from stubs.partnerkit.data import make_data


def report(run) -> str:
    failed = [{"id": one.id, "why": [found.text.en for found in one.findings]} for one in run.failed]
    return json.dumps({"role": run.role.name, "grade": run.grade.value, "cases": len(run.results), "failed": failed})


async def play(reactor, asked: dict) -> None:
    listen = asked.get("listen") or free_ports(1)[0]
    host, port = None, None
    if asked.get("wrong"):
        served = reactor.listenTCP(0, HttpFactory(Door(asked["wrong"]), clock=reactor, server_name="wrong"), 50, "127.0.0.1")
        port = served.getHost().port
    if asked.get("stubs"):
        [lab] = [one for one in read_lab(etc_dir() / "lab.toml") if one.name == "jiangxi"]
        kit = f"http://127.0.0.1:{listen}"
        roles, calls = tuple(asked["stubs"]), {} if "crm" in asked["stubs"] else {"crm": f"{kit}/services/crm"}
        host = StubHost(replace(lab, roles=roles, port=0, gateway=kit, calls=calls, legacy=asked.get("legacy", False)), reactor)
        port = host.listen()
    for one in asked["kits"]:
        role = ROLES[one["role"]]
        url = one["url"] if port is None else f"http://127.0.0.1:{port}{one.get('path') or '/services/' + role.contract}"
        settings = Settings(role, url, cases_of(role), contracts_dir(), make_data({**role.data, **one.get("data", {})}), listen=listen)
        sys.stdout.write(report(await Assembly(settings, reactor).run(lambda *_: None)) + "\n")
        sys.stdout.flush()
    if host is not None:
        await host.close()


def main() -> None:
    asked = json.loads(sys.argv[1])
    reactor = reactors.install()
    ended = []

    async def everything() -> None:
        for one in asked["sets"]:
            await play(reactor, one)

    def begin() -> None:
        Deferred.fromCoroutine(everything()).addBoth(lambda result: (ended.append(result), reactor.stop()))

    reactor.callWhenRunning(begin)
    reactor.run()
    if ended[0] is not None:
        ended[0].raiseException()


if __name__ == "__main__":
    main()
