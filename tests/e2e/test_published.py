"""The life of products and offers (seed 2.x and the first 3.1): what can be ordered when, who is told, and what is refused."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest
from acts import ISMP, NATIONAL_X, X, behaving, catalogue, until

from gateway.cli.play import Played, offer, product
from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e

_IDS = itertools.count(8100)
_SERIALS = itertools.count(1)


def tone(**more):
    """A new X product of Jiangxi, as CRM files it."""
    made = {
        "sp": "15000001",
        "owner": "200",
        "platform": "303",
        "province": "15",
        "zh": "新铃音",
        "en": "New tone",
        **more,
    }
    return product(f"11500000000000000{next(_IDS)}", **made)


def national(**more):
    """A new national X product."""
    made = {
        "sp": "35000001",
        "owner": "200",
        "platform": "303",
        "province": "35",
        "scope": "0",
        "zh": "新天气",
        "en": "New weather",
    }
    return product(f"13500000000000000{next(_IDS)}", **{**made, **more})


def paper(**more):
    """A new product of ISMP, as ISMP tells it."""
    made = {
        "sp": "15000002",
        "owner": "204",
        "platform": "204",
        "province": "15",
        "zh": "新手机报",
        "en": "New paper",
        **more,
    }
    return product(f"11500000000000000{next(_IDS)}", **made)


def sold_as(thing, **more):
    """The pure offer of a product, under the same code."""
    fields = {
        "kind": "0",
        "province": thing["ProvinceID"],
        "scope": thing["Scope"],
        "zh": thing["PNameCN"],
        "en": thing["PNameEN"],
    }
    return offer(thing["ProductID"], thing["ProductID"], **{**fields, **more})


def applied(lab, thing, place="jiangxi"):
    """File something with PPM and wait until it was told to everybody."""
    played = lab.play(lab.player.apply("2.1", lab.player.doors[place], thing))
    kind, object_id = ("product", thing["ProductID"]) if "ProductHost" in thing else ("offer", thing["ProductOfferID"])
    delivered(lab, place, kind, object_id)
    return played


def delivered(lab, place, kind, object_id):
    """Wait until no target is on its way to hear of an object."""
    pending = until(
        lambda: [c for c in lab.admin(place).get(f"deliveries/{kind}:{object_id}")["cells"] if c["state"] == "pending"],
        [],
    )
    assert pending == [], f"{kind}:{object_id} is still on its way: {pending}"


def published(lab, thing, place="jiangxi"):
    """Publish a product and its offer; gives the product's code."""
    applied(lab, thing, place)
    applied(lab, sold_as(thing), place)
    return thing["ProductID"]


def changed(lab, kind, object_id, *states, place="jiangxi"):
    """Let CRM ask for one state after the other, all but the last must be taken; gives the code of the last answer."""
    codes = []
    for state in states:
        played = lab.player.change_state(Played("2.1", lab.player.doors[place]), kind, object_id, state)
        if played.refused is None:
            lab.player.settled(played)
            delivered(lab, place, kind, object_id)
        codes.append(played.answers[-1].ResultCode)
    assert set(codes[:-1]) <= {"0"}, dict(zip(states, codes, strict=True))
    return codes[-1]


def told(lab, thing_or_id, place="jiangxi", kind="0"):
    """The delivery ledger as CRM sees it: (target, version) to (state, result)."""
    object_id = thing_or_id if isinstance(thing_or_id, str) else thing_or_id["ProductID"]
    answer = ppm(lab, "catalogSyncStatusQry", place, ObjectType=kind, ObjectID=object_id)
    return {(cell.TargetSystem, cell.Version): (cell.SyncState, cell.OPResult) for cell in answer.SyncInfo}


def ppm(lab, operation, place="jiangxi", system="201", **fields):
    """Ask a PPM."""
    return lab.player.send(lab.player.doors[place].gateway, "ppm", operation, system, **fields)


def order(lab, number, *offers, place="jiangxi", **more):
    """The code with which an order of the portal is answered; one that is taken has ended."""
    request = lab.request(number, *offers, **more)
    answer = lab.client(place).service.subscribeToVSOP(**request)
    if answer.ResultCode == "0":
        lab.settled(place, request["OrderId"])
    return answer.ResultCode


def vsopgw(lab, place, *arguments):
    """Run the command line against a gateway of the lab; gives (exit code, what it printed)."""
    config = etc_dir() / ("group.toml" if place == "group" else "provincial.toml")
    env = {
        **os.environ, "VSOPGW_GATEWAY__STATE_DIR": str(lab.directory / place), "VSOPGW_GATEWAY__NAME": place,
        "VSOPGW_ADMIN__PORT": str(lab.admin_ports[place]), "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments, "-c", str(config)], env=env, capture_output=True, text=True, timeout=30,
        check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


# ---- what can be ordered when ----------------------------------------------------------------------------------------


def test_published_product_can_be_ordered(lab, fresh_number):
    """From the application to the order."""
    assert order(lab, fresh_number(), published(lab, tone())) == "0"


def test_product_in_test_cannot_be_ordered(lab, fresh_number):
    """The X platform refuses to try it, so it stays in test: VSOP knows it and sells it to nobody (rule 1)."""
    thing = {**tone(), "ProductID": "115000000000000009001"}
    lab.play(lab.player.apply("2.1", lab.player.doors["jiangxi"], thing))
    applied(lab, {**sold_as(thing), "ProductOfferID": "115000000000000008001"})
    assert order(lab, fresh_number(), "115000000000000008001") == "4002"


def test_refused_test_is_told_to_crm(lab):
    """The application was approved, and its opinion says who stopped it; nobody else was told of the product."""
    thing = {**tone(), "ProductID": "115000000000000019001"}
    played = lab.play(lab.player.apply("2.1", lab.player.doors["jiangxi"], thing))
    answer = ppm(lab, "auditResultQry", ApplicationId=played.ids[0])
    found = (played.legs[0]["code"], answer.AuditState, answer.Opinion, told(lab, thing))
    assert found == (8001, "1", "业务平台拒绝 / the service platform refused", {})


def test_product_that_failed_its_test_can_be_withdrawn(lab):
    """From test straight to cancelled; it is then no object that could change any more."""
    thing = {**tone(), "ProductID": "115000000000000029001"}
    lab.play(lab.player.apply("2.1", lab.player.doors["jiangxi"], thing))
    assert [changed(lab, "product", thing["ProductID"], state) for state in ("cancelled", "normal")] == ["0", "4009"]


def test_offer_in_test_cannot_be_ordered(lab, fresh_number):
    """While the X platform has not been told to try it."""
    thing = tone()
    applied(lab, thing)
    with behaving(lab.stubs("jiangxi"), {"xplatform.notifyProductTest": "away"}):
        played = lab.player.apply("3.1", lab.player.doors["jiangxi"], sold_as(thing))
        number = fresh_number()
        meanwhile = until(lambda: order(lab, number, thing["ProductID"]), "4502")
    lab.play(played)
    assert (meanwhile, order(lab, number, thing["ProductID"])) == ("4502", "0")


@pytest.mark.parametrize("states", [("suspended",), ("pre-cancelled",), ("pre-cancelled", "cancelled")])
def test_product_that_rests_cannot_be_ordered(lab, fresh_number, states):
    """Suspended, about to be cancelled, cancelled: no new order."""
    made = published(lab, tone())
    changed(lab, "product", made, *states)
    assert order(lab, fresh_number(), made) == "4002"


@pytest.mark.parametrize("states", [("suspended",), ("suspended", "normal"), ("pre-cancelled",)])
def test_relation_survives(lab, fresh_number, states):
    """Who holds a product keeps it while it rests."""
    number, made = fresh_number(), published(lab, tone())
    order(lab, number, made)
    code = changed(lab, "product", made, *states)
    assert (code, lab.relations("jiangxi", number)) == ("0", {made: "active"})


@pytest.mark.parametrize("state", ["suspended", "pre-cancelled"])
def test_relation_of_a_product_that_rests_can_be_ended(lab, fresh_number, state):
    """A user who wants to leave can."""
    number, made = fresh_number(), published(lab, tone())
    order(lab, number, made)
    code = changed(lab, "product", made, state)
    left = order(lab, number, made, action="1")
    assert (code, left, lab.relations("jiangxi", number)) == ("0", "0", {made: "ended"})


def test_resumed_product_can_be_ordered_again(lab, fresh_number):
    """Suspended, when no order is taken, and normal again."""
    made, number = published(lab, tone()), fresh_number()
    suspended = (changed(lab, "product", made, "suspended"), order(lab, number, made))
    resumed = (changed(lab, "product", made, "normal"), order(lab, number, made))
    assert (suspended, resumed) == (("0", "4002"), ("0", "0"))


def test_suspended_offer_cannot_be_ordered(lab, fresh_number):
    """The offer rests, its product does not."""
    made = published(lab, tone())
    changed(lab, "offer", made, "suspended")
    assert order(lab, fresh_number(), made) == "4502"


def test_cancelled_product_ends_its_relations(lab, fresh_number):
    """With the product goes what users hold of it."""
    number, made = fresh_number(), published(lab, tone())
    order(lab, number, made)
    changed(lab, "product", made, "pre-cancelled", "cancelled")
    assert lab.relations("jiangxi", number) == {made: "ended"}


def test_cancelled_national_product_ends_its_relations_at_both_tiers(lab, fresh_number):
    """The group's PPM tells the group's VSOP and every province's."""
    number, made = fresh_number(), published(lab, national(), "group")
    order(lab, number, made)
    before = [lab.relations(name, number) for name in ("jiangxi", "group")]
    changed(lab, "product", made, "pre-cancelled", "cancelled", place="group")
    after = [lab.relations(name, number) for name in ("jiangxi", "group")]
    assert (before, after) == ([{made: "active"}] * 2, [{made: "ended"}] * 2)


def test_national_product_can_be_ordered_in_every_province(lab):
    """Published once, at the group."""
    made = published(lab, national(), "group")
    assert [
        order(lab, number, made, place=place)
        for place, number in (("jiangxi", "18907910005"), ("guangxi", "18907710002"))
    ] == ["0", "0"]


def test_product_that_ismp_ends_is_ended(lab, fresh_number):
    """ISMP's notice of an end ends the relations as well."""
    thing, number = paper(), fresh_number()
    door = lab.player.doors["jiangxi"]
    lab.play(lab.player.configure("2.2", door, thing))
    delivered(lab, "jiangxi", "product", thing["ProductID"])
    lab.play(lab.player.configure("2.3", door, sold_as(thing)))
    delivered(lab, "jiangxi", "offer", thing["ProductID"])
    order(lab, number, thing["ProductID"])
    for status in ("3", "4"):
        lab.play(lab.player.configure("2.2", door, {**thing, "Status": status}, change="2"))
        delivered(lab, "jiangxi", "product", thing["ProductID"])
    assert lab.relations("jiangxi", number) == {thing["ProductID"]: "ended"}


# ---- versions --------------------------------------------------------------------------------------------------------


def sync(lab, thing, version, place="jiangxi", system="202"):
    """PPM's message to a VSOP, sent by hand."""
    return lab.player.send(
        lab.player.doors[place].gateway,
        "vsop",
        "productInfoSync",
        system,
        OPFlag="2",
        Version=version,
        ProductInfo=thing,
    ).ResultCode


def test_late_older_version_changes_nothing(lab, fresh_number):
    """A product is suspended; an older message that comes late does not bring it back."""
    thing = tone()
    made = published(lab, thing)
    changed(lab, "product", made, "suspended")
    code = sync(lab, {**thing, "Status": "0"}, 1)
    assert (code, order(lab, fresh_number(), made)) == ("4010", "4002")


def test_newer_version_counts(lab, fresh_number):
    """The next version is taken, whatever order the messages come in."""
    thing = tone()
    made = published(lab, thing)
    codes = [sync(lab, {**thing, "Status": "2"}, 9), sync(lab, {**thing, "Status": "0"}, 8)]
    assert (codes, order(lab, fresh_number(), made)) == (["0", "4010"], "4002")


SYNC_REFUSALS = {
    "stranger": (tone, "201", "2002"),
    "province's PPM for a national product": (national, "202", "2002"),
    "unknown partner": (lambda: tone(sp="15009999"), "202", "4005"),
    "product of another province": (lambda: tone(province="21"), "202", "7002"),
    "names a product that is not here": (
        lambda: tone(ProdRelation=[{"RelationType": "1", "RProductID": "115000000000000009998"}]),
        "202",
        "4006",
    ),
}


@pytest.mark.parametrize("case", SYNC_REFUSALS)
def test_sync_that_is_refused(lab, case):
    """Each has its code, and the product is not known afterwards."""
    make, system, code = SYNC_REFUSALS[case]
    thing = make()
    assert (sync(lab, thing, 1, system=system), order(lab, "18907910005", thing["ProductID"])) == (code, "4501")


# ---- the delivery ledger ---------------------------------------------------------------------------------------------


def test_ledger_shows_every_target(lab):
    """A product: tested at VSOP and X first, then published to VSOP, X, OCS and CRM, each with its result."""
    thing = tone()
    applied(lab, thing)
    assert told(lab, thing) == {(t, 2): ("1", "0") for t in ("vsop:15", "xplatform:303", "ocs", "crm")}


def test_refusal_of_one_target_holds_up_no_other(lab, fresh_number):
    """OCS refuses: its cell says so; all others have the product, and it can be ordered."""
    thing = tone()
    with behaving(lab.stubs("jiangxi"), {"ocs.productInfoSync": "refuse"}):
        made = published(lab, thing)
    wanted = {(t, 2): ("1", "0") for t in ("vsop:15", "xplatform:303", "crm")} | {("ocs", 2): ("2", "8001")}
    assert (told(lab, thing), order(lab, fresh_number(), made)) == (wanted, "0")


def test_target_that_is_away_holds_up_no_other(lab):
    """CRM is away: its cell is pending, the others are done."""
    thing = tone()
    wanted = {(t, 2): ("1", "0") for t in ("vsop:15", "xplatform:303", "ocs")} | {("crm", 2): ("0", "0")}
    with behaving(lab.stubs("jiangxi"), {"crm.productInfoSync": "away"}):
        played = lab.player.apply("2.1", lab.player.doors["jiangxi"], thing)
        meanwhile = until(lambda: told(lab, thing), wanted)
    lab.play(played)
    assert meanwhile == wanted


def test_target_that_was_away_is_caught_up(lab):
    """When CRM is back it gets what it missed, and holds the newest version in the end."""
    thing = tone()
    with behaving(lab.stubs("jiangxi"), {"crm.productInfoSync": "away"}):
        played = lab.player.apply("2.1", lab.player.doors["jiangxi"], thing)
        assert until(lambda: ("ocs", 2) in told(lab, thing), True)
        suspended = lab.player.change_state(
            Played("2.1", lab.player.doors["jiangxi"]), "product", thing["ProductID"], "suspended"
        )
        assert until(lambda: ("ocs", 3) in told(lab, thing), True)
    lab.play(played)
    lab.play(suspended)
    held = [(one["version"], one["status"]) for one in catalogue(lab.stubs("jiangxi"), "crm", thing["ProductID"])]
    assert held == [(3, "2")]


def test_one_cell_is_sent_again(lab):
    """`ppm resend` delivers the newest version to one target alone."""
    thing = tone()
    with behaving(lab.stubs("jiangxi"), {"ocs.productInfoSync": "refuse"}):
        applied(lab, thing)
    code, _ = vsopgw(lab, "jiangxi", "ppm", "resend", "product", thing["ProductID"], "ocs")
    cell = until(lambda: told(lab, thing)["ocs", 2], ("1", "0"))
    rows = [row for row in lab.stubs("jiangxi").ledger("catalogue") if row["object"] == thing["ProductID"]]
    assert (code, cell, [r["role"] for r in rows if r["version"] == 2].count("crm")) == (0, ("1", "0"), 1)


def test_ledger_on_the_command_line(lab):
    """`ppm status` draws the same: one line for each cell, refusals in words."""
    thing = tone()
    with behaving(lab.stubs("jiangxi"), {"ocs.productInfoSync": "refuse"}):
        applied(lab, thing)
    code, text = vsopgw(lab, "jiangxi", "ppm", "status", "product", thing["ProductID"])
    cells = {words[0]: words[1:4] for line in text.splitlines()[2:] if (words := line.split())}
    assert (code, cells["ocs"], "8001 the service platform refused" in text) == (0, ["2", "normal", "refused"], True)


def test_applications_come_from_a_file_as_well(lab, fresh_number, tmp_path):
    """`ppm apply` files what an operator has written down; then it can be ordered."""
    made = f"11500000000000000{next(_IDS)}"
    table = f'id = "{made}"\nname_zh = "文件铃音"\nname_en = "Tone from a file"\n'
    (tmp_path / "new.toml").write_text(
        f'[[product]]\n{table}sp = "15000001"\nowner = "200"\nplatform = "303"\nscope = "provincial"\nprovince = "15"\n'
        f'[[offer]]\n{table}products = ["{made}"]\n',
        encoding="utf-8",
    )
    code, text = vsopgw(lab, "jiangxi", "ppm", "apply", str(tmp_path / "new.toml"))
    number = fresh_number()
    assert (code, "2 filed, 0 refused" in text, until(lambda: order(lab, number, made), "0")) == (0, True, "0"), text


# ---- applications that are refused -----------------------------------------------------------------------------------


def filed(lab, thing, place="jiangxi", **more):
    """File something; gives the code of the answer."""
    kind, name = ("Product", "ProductInfo") if "ProductHost" in thing else ("Offer", "ProductOfferInfo")
    fields = {"ApplicationId": f"A-{next(_SERIALS)}", name: thing, **more}
    return ppm(lab, f"submit{kind}Application", place, **fields).ResultCode


REFUSED = {
    "bundle that names a missing product": (lambda: sold_as(tone(), kind="2"), "4001"),
    "product that exists": (lambda: {**tone(), "ProductID": X}, "4007"),
    "offer that exists": (lambda: {**sold_as(tone()), "ProductOfferID": X, "ProductID": [X]}, "4007"),
    "product of another province": (lambda: tone(province="21"), "7002"),
    "national product at a province": (national, "7002"),
    "unknown partner": (lambda: tone(sp="15009999"), "4005"),
    "product of ISMP": (paper, "4015"),
    "product that begins suspended": (lambda: tone(Status="2"), "4009"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_application_names_its_reason(lab, case):
    """Refused at once, with the code of its reason."""
    make, code = REFUSED[case]
    assert filed(lab, make()) == code


def test_partner_out_of_service_fails_the_audit(lab):
    """The rules reject what nobody could order; CRM can read why."""
    thing = tone(sp="15000003")
    played = lab.player.apply("2.1", lab.player.doors["jiangxi"], thing)
    lab.player.settled(played)
    answer = ppm(lab, "auditResultQry", ApplicationId=played.ids[0])
    assert (played.legs[0]["state"], played.legs[0]["code"], answer.AuditState, "15000003" in answer.Opinion) == (
        "10E",
        4004,
        "2",
        True,
    )


def test_rejected_object_can_be_filed_again(lab):
    """A rejected application leaves nothing behind."""
    thing = tone(sp="15000003")
    lab.player.settled(lab.player.apply("2.1", lab.player.doors["jiangxi"], thing))
    assert filed(lab, {**thing, "SPID": "15000001"}) == "0"


@pytest.mark.parametrize(
    "states",
    [
        ("cancelled",),
        ("normal",),
        ("suspended", "cancelled"),
        ("pre-cancelled", "normal"),
        ("pre-cancelled", "cancelled", "normal"),
    ],
)
def test_illegal_transition_is_refused(lab, states):
    """The life cycle allows the next states alone."""
    thing = tone()
    applied(lab, thing)
    assert changed(lab, "product", thing["ProductID"], *states) == "4009"


CHANGES = {
    "unknown product": ("product", "115000000000000009999", "suspended", "4008"),
    "unknown offer": ("offer", "115000000000000009999", "suspended", "4008"),
    "product of ISMP": ("product", ISMP, "suspended", "4015"),
    "national product at a province": ("product", NATIONAL_X, "suspended", "7002"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_refused_change_of_state_names_its_reason(lab, case):
    """What PPM does not know, or may not change."""
    kind, object_id, state, code = CHANGES[case]
    assert changed(lab, kind, object_id, state) == code


def test_same_application_again_is_the_same(lab):
    """The same ApplicationId with the same content under another StreamingNo: taken once."""
    thing = tone()
    codes = [filed(lab, thing, ApplicationId="A-SAME") for _ in range(2)]
    lab.settled("jiangxi", "A-SAME")
    assert (codes, {version for _, version in told(lab, thing)}) == (["0", "0"], {2})


def test_application_id_for_something_else_is_refused(lab):
    """The first application stands."""
    codes = [filed(lab, tone(), ApplicationId="A-OTHER") for _ in range(2)]
    assert codes == ["0", "2003"]


def test_change_while_another_is_under_way_waits(lab):
    """One change of an object at a time: the second is told to come later."""
    thing = tone()
    with behaving(lab.stubs("jiangxi"), {"xplatform.notifyProductTest": "away"}):
        played = lab.player.apply("2.1", lab.player.doors["jiangxi"], thing)
        code = changed(lab, "product", thing["ProductID"], "suspended")
    lab.play(played)
    assert code == "4013"


@pytest.mark.parametrize(("system", "code"), [("211", "2002"), ("999", "2001")])
def test_only_crm_files(lab, system, code):
    """Others are told so."""
    assert filed(lab, tone(), system=system) == code


def test_unknown_application(lab):
    """CRM asks for what it never filed."""
    assert ppm(lab, "auditResultQry", ApplicationId="A-NEVER").ResultCode == "4014"


# ---- audit by a person -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def audited(lab):
    """Jiangxi's PPM with an audit by a person."""
    lab.serve("jiangxi", ppm__audit="held")
    yield lab
    lab.serve("jiangxi")


def waiting(lab, **more):
    """File a product that waits; gives (thing, case)."""
    thing = tone(**more)
    played = lab.player.apply("2.1", lab.player.doors["jiangxi"], thing)
    assert played.refused is None, played.refused
    return thing, played


def test_held_application_waits(audited):
    """CRM sees that it waits, and nobody was told of it."""
    thing, played = waiting(audited)
    answer = ppm(audited, "auditResultQry", ApplicationId=played.ids[0])
    assert (answer.AuditState, told(audited, thing)) == ("0", {})


def test_held_application_is_listed(audited):
    """`ppm audit list` names it for the person."""
    thing, played = waiting(audited)
    code, text = vsopgw(audited, "jiangxi", "ppm", "audit", "list")
    line = next(line for line in text.splitlines() if played.ids[0] in line)
    assert (code, thing["ProductID"] in line, "新铃音 New tone" in line) == (0, True, True)


def test_list_says_what_the_rules_object_to(audited):
    """The person sees what an automatic audit would have said."""
    waiting(audited, sp="15000003")
    _, text = vsopgw(audited, "jiangxi", "ppm", "audit", "list")
    assert "合作伙伴状态不正常 / the content partner of the product is not in service: 15000003" in text


def test_approved_application_is_published(audited):
    """`ppm audit approve` by CRM's number: all targets are told."""
    thing, played = waiting(audited)
    code, text = vsopgw(audited, "jiangxi", "ppm", "audit", "approve", played.ids[0])
    audited.play(played)
    answer = ppm(audited, "auditResultQry", ApplicationId=played.ids[0])
    assert (code, "approved" in text, answer.AuditState, len(told(audited, thing))) == (0, True, "1", 4)


def test_rejected_application_is_not(audited):
    """`ppm audit reject`: nobody is told, and CRM reads the reason."""
    thing, played = waiting(audited)
    code, _ = vsopgw(audited, "jiangxi", "ppm", "audit", "reject", played.ids[0], "--why", "名称不合适")
    audited.player.settled(played)
    answer = ppm(audited, "auditResultQry", ApplicationId=played.ids[0])
    found = (code, answer.AuditState, "名称不合适" in answer.Opinion, played.legs[0]["code"], told(audited, thing))
    assert found == (0, "2", True, 4011, {})


def test_change_of_state_waits_as_well(audited):
    """Until somebody approves it nobody is told of a new version."""
    thing, played = waiting(audited)
    vsopgw(audited, "jiangxi", "ppm", "audit", "approve", played.ids[0])
    audited.play(played)
    suspended = audited.player.change_state(
        Played("2.1", audited.player.doors["jiangxi"]), "product", thing["ProductID"], "suspended"
    )
    before = {version for _, version in told(audited, thing)}
    vsopgw(audited, "jiangxi", "ppm", "audit", "approve", suspended.ids[0])
    audited.play(suspended)
    assert (before, {version for _, version in told(audited, thing)}) == ({2}, {2, 3})


def test_application_is_decided_once(audited):
    """The second decision is told that there is none to take."""
    _, played = waiting(audited)
    first, _ = vsopgw(audited, "jiangxi", "ppm", "audit", "reject", played.ids[0], "--why", "no")
    audited.player.settled(played)
    second, text = vsopgw(audited, "jiangxi", "ppm", "audit", "approve", played.ids[0])
    assert (first, second, text.strip()) == (0, 1, f"no application {played.ids[0]} waits for an audit")


# ---- route explain ---------------------------------------------------------------------------------------------------

ROUTES = {
    "home": ("jiangxi", "18907910001", X, 0, "→ xplatform:303 (4.1.1)"),
    "ISMP": ("jiangxi", "18907910001", ISMP, 0, "→ ismp:204 (4.1.2)"),
    "national": ("jiangxi", "18907910001", NATIONAL_X, 0, "→ vsop:35 (4.1.3)"),
    "at the group": ("group", "18907910001", NATIONAL_X, 0, "→ xplatform:303 (4.1.3)"),
    "number of another province": ("jiangxi", "18907710001", X, 1, "[7002]"),
    "number ported away": ("jiangxi", "18907919999", X, 1, "[7002]"),
    "number of no known segment": ("jiangxi", "13900000000", X, 1, "[7001]"),
    "unknown product": ("jiangxi", "18907910001", "199000000000000000001", 1, "[4001]"),
}


@pytest.mark.parametrize("case", ROUTES)
def test_route_is_explained(lab, case):
    """`route explain` ends with the way, or with the code that an order would get."""
    place, number, made, code, end = ROUTES[case]
    exit_code, text = vsopgw(lab, place, "route", "explain", "--number", number, "--product", made)
    assert (exit_code, text.rstrip().splitlines()[-1].strip().startswith(end)) == (code, True), text


def test_route_names_each_rule(lab):
    """Every rule that was tried stands on a line, in both languages; the number is masked."""
    _, text = vsopgw(lab, "jiangxi", "route", "explain", "--number", "18907910001", "--product", NATIONAL_X)
    rules = ("携号转网表", "移动号段", "号码归属", "产品状态", "属主", "范围", "平台", "对端配置", "流程章节")
    assert ([rule for rule in rules if rule not in text], "18907910001" in text) == ([], False), text
