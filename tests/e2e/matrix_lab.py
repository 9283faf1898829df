"""Plays the cells of the matrix (matrix.toml): each section, well, refused at each deciding step, and with each partner away.

A cell says how the fault is made; what is left on every system afterwards is read here, by asking each of them.
"""

from __future__ import annotations

import itertools
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.cli.play import Played, offer, product
from gateway.domain.party import GROUP_VSOP, PROVINCES

X, PAPER, WEATHER, NATIONAL_PAPER = (
    "115000000000000000101", "115000000000000000201", "135000000000000000301", "135000000000000000401",
)  # fmt: skip
BUNDLE, NATIONAL_BUNDLE, MIXED_BUNDLE = "315000000000000000901", "335000000000000000901", "315000000000000000502"
SOLD = {
    "4.1.1": X, "4.1.2": PAPER, "4.1.3": WEATHER, "4.1.4": NATIONAL_PAPER, "3.1b": X, "3.2.1": X, "3.2.2": WEATHER, "3.2.3": X,
    "3.2.4": WEATHER,
}  # fmt: skip
HELD = (X, PAPER, WEATHER)
"""What the user of 3.1b holds."""
NATIONAL = "group"
_SERIALS = itertools.count(1)


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix."""

    section: str
    cell: str
    provoke: str
    outcome: str
    state: dict[str, str]
    stubs: dict[str, dict[str, str]] = field(default_factory=dict)
    """By stub set: modes from the beginning; they go when the case has met them."""
    then: dict[str, dict[str, str]] = field(default_factory=dict)
    """Modes that follow the first ones before those are lifted: a step later in the case meets them."""
    stop: str = ""
    """A gateway that is away."""
    act: str = ""
    """What else makes the fault: a name of ACTS."""

    @property
    def id(self) -> str:
        """Name it."""
        return f"{self.section}/{self.cell}"


def read_cells(path: Path) -> list[Cell]:
    """Read the matrix."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Cell(section, **table) for section, cells in tables.items() for table in cells]


# ---- playing ---------------------------------------------------------------------------------------------------------


class Stage:
    """Plays one cell in the lab."""

    def __init__(self, lab, cell: Cell, number: str) -> None:
        self.lab = lab
        self.cell = cell
        self.number = "18907910007" if cell.act == "stopped user" else "18907918888" if cell.act == "unknown user" else number
        self.jiangxi = lab.player.doors["jiangxi"]
        self.group = lab.player.doors[NATIONAL]
        self.thing = _thing(cell)
        self.product = PAPER if cell.act == "of ISMP" else SOLD.get(cell.section, "")
        self.restarted: list[str] = []
        self.sms_before = 0

    def sms(self) -> int:
        """Count the SMS that the user has got; a number may serve several cases."""
        return len(self.lab.stubs("jiangxi").ledger("sms", number=self.number))

    def play(self) -> Played:
        """Play it to its end; gives what was played."""
        prepare = PREPARE.get(self.cell.section)
        if prepare is not None and self.cell.act != "unknown user":
            prepare(self)
        self.sms_before = self.sms()
        self._set(self.cell.stubs)
        if self.cell.stop:
            self.lab.processes[self.cell.stop].stop()
        try:
            return self._play()
        finally:
            self._lift()

    def _play(self) -> Played:
        if self.cell.act in BEFORE:
            BEFORE[self.cell.act](self)
        played = PLAY[self.cell.section](self)
        if played.refused is not None or self.cell.act == "unknown user":
            return played
        if self.cell.cell.startswith("away:") or (self.cell.then and self.cell.stubs):
            self._met(played)
        if self.cell.act in DURING:
            DURING[self.cell.act](self, played)
        if self.cell.then:
            self._set(self.cell.then)
            self._lift(self.cell.stubs)
        elif self.cell.cell.startswith("away:"):
            self._lift()
        self.lab.player.settled(played, 30)
        return played

    def _met(self, played: Played) -> None:
        """Wait until the case waits for who is away: it must not end before."""
        until = time.monotonic() + 15
        while time.monotonic() < until:
            begun = played.door.admin.get(f"orders/{played.ids[-1]}")
            legs = begun and [leg for door in self._doors() for leg in door.admin.get(f"traces/{begun['trace_id']}")]
            if legs and any(self._waits(leg) for leg in legs):
                return
            time.sleep(0.02)
        raise AssertionError(f"the case does not wait for who is away: {begun}")

    def _waits(self, leg) -> bool:
        """Whether a leg waits, and, where a cell names who is away, because that one was called in vain."""
        who = self.cell.cell.removeprefix("away:")
        if leg["run"] != "waiting" or who == self.cell.cell:
            return leg["run"] == "waiting"
        failing = [a["receiver"] for a in leg["arrows"] if a["state"] == "waiting" and a["attempts"] > 1]
        return any(who == (NATIONAL if receiver == str(GROUP_VSOP) else receiver.partition(":")[0]) for receiver in failing)

    def _doors(self):
        return [door for name, door in self.lab.player.doors.items() if name != self.cell.stop or name in self.restarted]

    def _set(self, settings) -> None:
        for name, modes in settings.items():
            self.lab.stubs(name).set(**modes)

    def _lift(self, settings=None) -> None:
        if self.cell.stop and self.cell.stop not in self.restarted:
            self.restarted.append(self.cell.stop)
            self.lab.serve(self.cell.stop)
        for each in (settings,) if settings is not None else (self.cell.stubs, self.cell.then):
            for name, modes in each.items():
                # an operation's mode is taken away, a role's goes back to final
                self.lab.stubs(name).set(**{key: None if key.count(".") == 2 else "final" for key in modes})


def _thing(cell: Cell):
    """Write a new national object, whose id nobody has used."""
    serial = next(_SERIALS)
    operator = next(code for code, (_, en) in PROVINCES.items() if en == "national")
    common = {"province": operator, "scope": "0", "zh": f"矩阵{serial}", "en": f"Matrix {serial}"}
    sp = "99999999" if cell.act == "unknown partner" else "35000001"
    match cell.section:
        case "2.1":
            return product(f"1350000000000001{serial:05d}", sp=sp, owner="100", platform="303", **common)
        case "2.2":
            return product(f"1350000000000002{serial:05d}", sp=sp.replace("0001", "0002"), owner="204", platform="204", **common)
        case "3.1":
            return offer(f"1350000000000003{serial:05d}", _part(cell, WEATHER), kind="0", **common)
        case "2.2b":
            return offer(f"3350000000000004{serial:05d}", _part(cell, WEATHER), NATIONAL_PAPER, kind="2", **common)
        case "2.3":
            return offer(f"1350000000000005{serial:05d}", _part(cell, NATIONAL_PAPER), kind="0", **common)
    return None


def _part(cell: Cell, usual: str) -> str:
    return "199000000000000000000" if cell.act == "unknown partner" else usual


def _object_id(stage: Stage) -> tuple[str, str]:
    thing = stage.thing
    return ("product", thing["ProductID"]) if "ProductHost" in thing else ("offer", thing["ProductOfferID"])


def _hold(stage: Stage, section: str, bundle: str) -> None:
    held = stage.lab.player.bundle(section, stage.jiangxi, stage.number, bundle, stage.product)
    assert held.refused is None, held.refused
    stage.lab.player.settled(held)
    _until(lambda: stage.lab.stubs("jiangxi").ledger("archive", order=held.ids[0]))


def _hold_pure(stage: Stage) -> None:
    """Let the user hold a product of X, one of ISMP and one of the nation."""
    for section, sold in zip(("4.1.1", "4.1.2", "4.1.3"), HELD, strict=True):
        stage.lab.player.settled(stage.lab.player.order(section, stage.jiangxi, stage.number, sold))
    held = [(a["product"], a["role"]) for place in ("jiangxi", NATIONAL) for a in stage.lab.stubs(place).get("world")["active"]
            if a["number"] == stage.number]  # fmt: skip
    assert sorted(held) == sorted([(X, "xplatform"), (PAPER, "ismp"), (WEATHER, "xplatform")]), held


PREPARE: dict[str, Callable[[Stage], None]] = {
    "3.2.3": lambda s: _hold(s, "3.2.1", BUNDLE if s.product == X else MIXED_BUNDLE),
    "3.2.4": lambda s: _hold(s, "3.2.2", NATIONAL_BUNDLE),
    "3.1b": _hold_pure,
}


def _order(stage: Stage) -> Played:
    return stage.lab.player.order(stage.cell.section, stage.jiangxi, stage.number, SOLD[stage.cell.section])


def _bundle(stage: Stage) -> Played:
    section = stage.cell.section
    bundle = {WEATHER: NATIONAL_BUNDLE, X: BUNDLE, PAPER: MIXED_BUNDLE}[stage.product]
    action = "1" if section in ("3.2.3", "3.2.4") else "0"
    asks = stage.cell.act != "unknown user"
    return stage.lab.player.bundle(section, stage.jiangxi, stage.number, bundle, stage.product, action=action, asks=asks)


def _user(stage: Stage) -> Played:
    return stage.lab.player.user(stage.jiangxi, stage.number, "15")


def _publish(stage: Stage) -> Played:
    """File, and, where a state change is the matter, go on with it once the publication has ended."""
    player, cell = stage.lab.player, stage.cell
    played = player.apply(cell.section, stage.group, stage.thing)
    if played.refused is not None or not _changes(cell):
        return played
    _decide(stage, played, approve=True)
    player.settled(played)
    if cell.act in BETWEEN:
        BETWEEN[cell.act](stage)
    stage._set(cell.then)
    player.change_state(played, _object_id(stage)[0], _object_id(stage)[1], "cancelled" if cell.act == "illegal change" else "suspended")
    return played


def _changes(cell: Cell) -> bool:
    """Whether the cell is about the change of state, which follows the publication, or about the whole."""
    late = {"2.1": "56", "3.1": "56", "2.2b": "2"}[cell.section]
    return cell.cell == "success" or (cell.cell.startswith("refused:") and cell.cell[8] in late)


def _configure(stage: Stage) -> Played:
    """ISMP tells PPM; the clerk's act is the province's, the message is the test's."""
    thing = stage.thing
    clerk = replace(stage.group, stubs=stage.jiangxi.stubs)
    return stage.lab.player.configure(stage.cell.section, clerk, thing)


PLAY: dict[str, Callable[[Stage], Played]] = {
    **dict.fromkeys(("4.1.1", "4.1.2", "4.1.3", "4.1.4"), _order),
    **dict.fromkeys(("3.2.1", "3.2.2", "3.2.3", "3.2.4"), _bundle),
    "3.1b": _user,
    **dict.fromkeys(("2.1", "3.1", "2.2b"), _publish),
    **dict.fromkeys(("2.2", "2.3"), _configure),
}


# ---- what else makes a fault -----------------------------------------------------------------------------------------


def _newer_at_a_province(stage: Stage) -> None:
    """Let a province hold a newer version than PPM will send: another PPM was faster."""
    kind = _object_id(stage)[0]
    operation, name = ("productInfoSync", "ProductInfo") if kind == "product" else ("PPOfferInfoSync", "ProductOfferInfo")
    answer = stage.lab.player.send(
        stage.jiangxi.gateway, "vsop", operation, "102", OPFlag="2", Version=90, **{name: {**stage.thing, "Status": "0"}}
    )
    assert answer.ResultCode == "0", answer


def _hold_audit(stage: Stage) -> None:
    """Have a person audit."""
    stage.lab.serve(NATIONAL, ppm__audit="held")
    stage.restarted.append(NATIONAL)


def _decide(stage: Stage, played: Played, *, approve: bool) -> None:
    """Decide as the person who audits, if one is waited for."""
    if NATIONAL not in stage.restarted:
        return
    waiting = _until(lambda: [a for a in stage.group.admin.get("audits") if a["application"] == played.ids[-1]])
    body = b'{"approve": true}' if approve else b'{"approve": false, "why": "matrix"}'
    stage.group.admin.post(f"audits/{waiting[0]['id']}", body)


def _group_without_numbers(stage: Stage) -> None:
    """Let the group know no number at all: it refuses what a province passes on."""
    empty = stage.lab.directory / "no-numbers.toml"
    empty.write_text("[mobile]\n")
    stage.lab.serve(NATIONAL, numbers__plan=str(empty))


def _numbers_again(stage: Stage, played: Played) -> None:
    stage.lab.player.settled(played)
    stage.lab.serve(NATIONAL)


def _rejected(stage: Stage, played: Played) -> None:
    _decide(stage, played, approve=False)
    stage.lab.player.settled(played)
    stage.lab.serve(NATIONAL)


def _newer_while_waiting(stage: Stage, played: Played) -> None:
    _newer_at_a_province(stage)


BEFORE: dict[str, Callable[[Stage], None]] = {
    "newer before": _newer_at_a_province, "rejected": _hold_audit, "group without numbers": _group_without_numbers,
}  # fmt: skip
BETWEEN: dict[str, Callable[[Stage], None]] = {"newer between": _newer_at_a_province}
DURING: dict[str, Callable[[Stage, Played], None]] = {
    "newer while waiting": _newer_while_waiting, "rejected": _rejected, "group without numbers": _numbers_again,
}  # fmt: skip


# ---- what is left ----------------------------------------------------------------------------------------------------


def outcome(stage: Stage, played: Played) -> str:
    """Give how the case ended: refused at the door, or state and code of its last matter."""
    if played.refused is not None:
        return f"refused {played.refused.ResultCode}"
    if stage.cell.act == "unknown user":
        stubs = stage.lab.stubs("jiangxi")
        asked = {"role": "provisioning", "operation": "workListFKToVSOP", "order": played.ids[-1]}
        entry = _until(lambda: [e for e in stubs.journal(**asked) if e["answer"] and "ResultCode" in e["answer"]])[-1]
        return f"refused {entry['answer']['ResultCode']}"
    last = [leg for leg in played.legs if leg["order_id"] == leg["trace_id"]][-1]
    return f"{last['state']} {last['code']}"


def left(stage: Stage, played: Played) -> dict[str, str]:
    """Ask every system that takes part what it has of the case."""
    readers = _OBJECT_READERS if stage.thing is not None else _USER_READERS
    wanted = stage.cell.state or dict.fromkeys(readers)
    return {system: readers[system](stage, played) for system in wanted}


def _sold(stage: Stage, held: tuple[str, ...]) -> tuple[str, ...]:
    """Give the products that a reader looks for: the case's, or, of a user who holds several, those of them that are its own."""
    return held if stage.cell.section == "3.1b" else (stage.product,)


def _joined(states) -> str:
    return "+".join(sorted(set(states)))


def _relation(name: str) -> Callable[[Stage, Played], str]:
    def read(stage: Stage, played: Played) -> str:
        held = stage.lab.relations(name, stage.number)
        return _joined(held.get(sold, "none") for sold in _sold(stage, (WEATHER,) if name == NATIONAL else HELD))

    return read


def _active(role: str, held: tuple[str, ...], place: str = "") -> Callable[[Stage, Played], str]:
    def read(stage: Stage, played: Played) -> str:
        national = role == "xplatform" and stage.product == WEATHER
        world = stage.lab.stubs(place or (NATIONAL if national else "jiangxi")).get("world")["active"]
        mine = {a["product"]: a for a in world if (a["number"], a["role"]) == (stage.number, role)}
        states = {sold: "suspended" if a.get("suspended") else "active" for sold, a in mine.items()}
        return _joined(states.get(sold, "none") for sold in _sold(stage, held))

    return read


def _billing(stage: Stage, played: Played) -> str:
    """Count the archive records of this case's orders: VSOP's under our id, CRM's under its own."""
    stubs = stage.lab.stubs("jiangxi")
    ids = {*played.ids, *(leg["trace_id"] for leg in played.legs)}
    wanted = stage.cell.state.get("billing", "")
    count = 0
    for _ in range(100):  # CRM archives after its receipt, which nobody waits for here
        count = sum(len(stubs.ledger("archive", order=each)) for each in ids)
        if not wanted or f"{count} archive" == wanted:
            break
        time.sleep(0.02)
    return f"{count} archive"


def _receipt(ledger: str) -> Callable[[Stage, Played], str]:
    def read(stage: Stage, played: Played) -> str:
        stubs = stage.lab.stubs("jiangxi")
        wanted = stage.cell.state.get({"receipt": "crm", "work-receipt": "provisioning"}[ledger])
        rows: list = []
        for _ in range(100):
            rows = stubs.ledger(ledger, order=played.ids[-1])
            if wanted is None or (rows and f"receipt {rows[-1]['result_code']}" == wanted) or wanted == "no receipt":
                break
            time.sleep(0.02)
        return f"receipt {rows[-1]['result_code']}" if rows else "no receipt"

    return read


def _told(stage: Stage, played: Played) -> str:
    rows = stage.lab.stubs("jiangxi").ledger("channel-result", order=played.ids[-1])
    return f"told {rows[-1]['results'][0]['OPResult']}" if rows else "not told"


def _sms(stage: Stage, played: Played) -> str:
    return f"{stage.sms() - stage.sms_before} SMS"


_USER_READERS: dict[str, Callable[[Stage, Played], str]] = {
    "vsop": _relation("jiangxi"), "group": _relation("group"), "xplatform": _active("xplatform", (X,)),
    "national xplatform": _active("xplatform", (WEATHER,), NATIONAL), "ismp": _active("ismp", (PAPER,)), "billing": _billing,
    "crm": _receipt("receipt"), "provisioning": _receipt("work-receipt"), "channel": _told, "smshall": _sms,
}  # fmt: skip


def _held_by(name: str) -> Callable[[Stage, Played], str]:
    def read(stage: Stage, played: Played) -> str:
        kind, object_id = _object_id(stage)
        held = stage.lab.admin(name).get(f"objects/{kind}:{object_id}")
        return f"{held['status']} v{held['version']}" if held else "none"

    return read


_WORDS = {"0": "normal", "1": "applied", "2": "suspended", "3": "pre-cancelled", "4": "cancelled", "5": "test"}


def _target(role: str) -> Callable[[Stage, Played], str]:
    def read(stage: Stage, played: Played) -> str:
        found = stage.lab.stubs("group").get("catalogue", role=role, object=_object_id(stage)[1])["objects"]
        return f"{_WORDS[found[-1]['status']]} v{found[-1]['version']}" if found else "none"

    return read


def _ismp_itself(stage: Stage, played: Played) -> str:
    rows = stage.lab.stubs("jiangxi").ledger("configuration")
    return "configured" if any(_object_id(stage)[1] in str(row) for row in rows) else "none"


def _ppm(stage: Stage, played: Played) -> str:
    kind, object_id = _object_id(stage)
    ledger = stage.lab.admin(NATIONAL).get(f"deliveries/{kind}:{object_id}")
    if ledger is None or ledger["master"] is None:
        return "none"
    cells = sorted({cell["state"] for cell in ledger["cells"] if cell["version"] == ledger["master"]["version"]})
    return f"{ledger['master']['status']} v{ledger['master']['version']}" + (f", {'+'.join(cells)}" if cells else "")


_OBJECT_READERS: dict[str, Callable[[Stage, Played], str]] = {
    "ppm": _ppm, "group": _held_by("group"), "vsop": _held_by("jiangxi"), "other vsop": _held_by("guangxi"),
    "xplatform": _target("xplatform"), "ocs": _target("ocs"), "crm": _target("crm"), "billing": _target("billing"),
    "ismp": _ismp_itself,
}  # fmt: skip


def _until(look, seconds: float = 15.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")
