"""A run over a gateway without wire: which rows are compared, with whom, and what becomes of what was planned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from office import ISMP, NATIONAL_ISMP, STOPPED, USER, X_BOX, X
from playbook import NOON
from recon_office import ReconOffice, group, province

from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.cli.recon_apply import Applying, read_plan, write_plan
from gateway.cli.recon_export import export_files
from gateway.cli.recon_report import as_json, table
from gateway.cli.recon_run import Asked, reconcile
from gateway.cli.recon_sides import Gateway
from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.subscriber import PayType, RelationState
from gateway.engine.ports import SubscribersLoaded
from gateway.errors import Temporary
from gateway.recon.files import FileHead, Period, read_file, write_files
from gateway.recon.holdings import Holding, Right, Standing
from gateway.recon.planning import Trust

TODAY = NOON.replace(hour=0)
LONG_AGO = NOON - timedelta(days=30)


@pytest.fixture
def jiangxi() -> ReconOffice:
    """A province whose user has held X and an ISMP product for long; nothing is young."""
    office = province()
    office.desk.settle = timedelta(0)
    office.hold(X, ISMP)
    office.at_ismp = {USER: [(ISMP, "0")]}
    office.rig.clock.advance(3600)
    return office


def asked(right=Right.ISMP, *, code="", full=True, files=None, trust=Trust.OWNER):
    return Asked(TODAY, right, code, full, files, trust)


def found(office, question=None, other=None):
    return reconcile(question or asked(), Gateway.of(office.client), None if other is None else Gateway.of(other.client))


def rows(result):
    return [(int(one.difference.kind), str(one.difference.number), one.difference.product_id, one.cause) for one in result.judged]


def file_of(directory, *holdings, right="R7.2", system="303", period=Period.MONTHLY, date="202611", made_at=NOON + timedelta(hours=1)):
    """Write the other side's file, as it would."""
    ((name, content),) = write_files(FileHead(right, system, period, date, made_at), holdings)
    (directory / name).write_bytes(content)
    return directory / name


def row(product=X, standing=Standing.ACTIVE, number=USER, at=LONG_AGO, **more):
    return Holding(Number(number), product, standing, offer_type=OfferType.PURE, subscribed_at=at, effective_at=at, **more)


# ---- the other side --------------------------------------------------------------------------------------------------


def test_ismp_is_asked_for_every_user(jiangxi):
    """Also for one who holds nothing here: what he holds there is missing in VSOP."""
    jiangxi.at_ismp[STOPPED] = [(NATIONAL_ISMP, "0")]
    assert rows(found(jiangxi)) == [(1, "189****0007", NATIONAL_ISMP, "report-lost")]


def test_changes_of_a_day_ask_for_its_users_alone(jiangxi):
    """A user to whom nothing happened on the day is not asked for."""
    jiangxi.at_ismp[STOPPED] = [(NATIONAL_ISMP, "0")]
    jiangxi.place(X_BOX)
    assert (rows(found(jiangxi, asked(full=False))), {m.UserID for _, m, _ in jiangxi.ismp.carried}) == ([], {USER})


def test_user_of_whom_there_is_no_answer(jiangxi):
    """Nothing of him is compared, and the run says so: it has not found that all agree."""
    jiangxi.at_ismp[STOPPED] = Temporary("ismp:204", "refused")
    result = found(jiangxi)
    assert (result.differences, result.untold, result.agreed) == (0, (STOPPED,), False)
    assert "gave no answer: 189****0007; the report (--report) has the whole numbers" in table(result)


def test_file_of_a_platform(jiangxi, tmp_path):
    """Only the products that it carries out are compared with it."""
    file_of(tmp_path, row(X_BOX))
    (one,) = found(jiangxi, asked(Right.XPLATFORM, code="303", files=tmp_path)).judged
    assert (one.difference.field, one.difference.theirs.product_id) == ("product", X_BOX)


def test_newest_resend_counts(jiangxi, tmp_path):
    """A file that is sent again takes the place of the first."""
    first = file_of(tmp_path)
    again = file_of(tmp_path, row())
    again.rename(tmp_path / again.name.replace("-00-", "-01-"))
    file_of(tmp_path)
    assert (first.exists(), rows(found(jiangxi, asked(Right.XPLATFORM, code="303", files=tmp_path)))) == (True, [])


def test_daily_file_tells_of_its_day(jiangxi, tmp_path):
    """What neither side changed on the day is not looked at; what changed here and is not told of there is found."""
    jiangxi.rig.clock.advance(2 * 86400)
    jiangxi.place(X_BOX)
    file_of(tmp_path, period=Period.DAILY, date="20261125", made_at=NOON + timedelta(days=3))
    question = Asked(TODAY + timedelta(days=2), Right.XPLATFORM, "303", full=False, files=tmp_path, trust=Trust.OWNER)
    assert rows(found(jiangxi, question)) == [(0, "189****0001", X_BOX, "activation-lost")]


def test_what_changed_since_the_file_was_made_is_in_flight(jiangxi, tmp_path):
    """A later change here is no difference yet."""
    file_of(tmp_path, row())
    jiangxi.rig.clock.advance(100)
    jiangxi.place(X_BOX)
    (one,) = found(jiangxi, asked(Right.XPLATFORM, code="303", files=tmp_path)).judged
    assert (one.difference.product_id, one.in_flight != "", one.cause) == (X_BOX, True, None)


def test_group_is_read_through_its_own_api(jiangxi):
    """National relations of the province's users alone."""
    national, other = NATIONAL_ISMP, group()
    other.hold(national)
    other.hold(national, number="18907710001")
    other.rig.clock.advance(3600)
    other.desk.settle = jiangxi.desk.settle
    assert rows(found(jiangxi, asked(Right.GROUP), other)) == [(1, "189****0001", national, "no-order")]


def test_ocs_is_compared_on_who_pays_before(jiangxi, tmp_path):
    """What it charges a user for who pays otherwise by now is held, and never told as ended."""
    users = [jiangxi.user(), jiangxi.user("07916660001")]
    run_commit(jiangxi, SubscribersLoaded((users[0].__class__(users[0].number, "003", PayType.POSTPAID), users[1])))
    file_of(tmp_path, row(), system="208")
    assert rows(found(jiangxi, asked(Right.OCS, files=tmp_path))) == []


def run_commit(office, *writes):
    work = office.store.commit(writes)
    with pytest.raises(StopIteration):
        work.send(None)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (asked(Right.BILLING), "no query"), (asked(Right.XPLATFORM, code="303"), "no query"),
        (asked(Right.XPLATFORM, code="999"), "there are: xplatform:303"), (asked(Right.GROUP), "no query"),
    ],
)  # fmt: skip
def test_side_that_cannot_be_had(jiangxi, question, text):
    """Usage: it is said what is missing."""
    with pytest.raises(UsageFailed, match=text):
        found(jiangxi, question)


def test_file_that_is_not_there(jiangxi, tmp_path):
    """Its name is told."""
    with pytest.raises(UsageFailed, match=r"I-202611-VSOP R7.2-209-NN-01.AVL"):
        found(jiangxi, asked(Right.BILLING, files=tmp_path))
    with pytest.raises(UsageFailed, match="cannot be read"):
        found(jiangxi, asked(Right.BILLING, files=tmp_path / "nowhere"))


# ---- the report ------------------------------------------------------------------------------------------------------


def test_report_holds_both_sides_and_numbers_whole(jiangxi):
    """The file is the operator's; the table on the terminal masks the number."""
    jiangxi.at_ismp = {USER: [(ISMP, "2")]}
    result = found(jiangxi)
    (told,) = as_json(result)["rows"]
    assert (told["number"], told["class"], told["field"]) == (USER, 2, "status")
    assert (told["vsop"]["status"], told["other"]["status"], told["repairs"][0]["action"]) == ("0", "2", "suspend")
    assert (USER in table(result), "2 different (status)" in table(result), "1 differences" in table(result)) == (False, True, True)


def test_report_of_sides_that_agree(jiangxi):
    """Says how many rows were compared."""
    result = found(jiangxi)
    assert (result.agreed, as_json(result)["differences"], "1 compared: 0 differences" in table(result)) == (True, 0, True)


def test_what_a_person_must_do_is_told(jiangxi):
    """A difference without a repair says why it has none."""
    jiangxi.at_ismp = {USER: [(ISMP, "0"), ("unknown", "0")]}
    result = found(jiangxi)
    assert ("by hand: load the product first" in table(result), as_json(result)["rows"][0]["by_hand"] != "") == (True, True)


# ---- applying --------------------------------------------------------------------------------------------------------


def applied(office, plan, *, wait=5.0):
    said: list[str] = []
    result = Applying(office.client, "auditor", "nightly", wait, said.append).run(plan)
    return result.done, result.failed, said


def test_plan_is_carried_out_and_the_next_run_is_empty(jiangxi):
    """ISMP has another product in VSOP's place: one relation ends, the other begins, and both sides agree."""
    jiangxi.at_ismp = {USER: [(NATIONAL_ISMP, "2")]}
    result = found(jiangxi)
    done, failed, _ = applied(jiangxi, result.plan)
    held = {p: jiangxi.relation(p).state for p in (ISMP, NATIONAL_ISMP)}
    assert (done, failed, held) == (3, 0, {ISMP: RelationState.ENDED, NATIONAL_ISMP: RelationState.SUSPENDED})
    jiangxi.rig.clock.advance(1)
    assert rows(found(jiangxi)) == []


def test_restored_vsop_follows_its_platform(jiangxi, tmp_path):
    """With trust in the other side, what the backup had lost is a relation again, and what it had not is ended; billing hears of both."""
    file_of(tmp_path, row(X_BOX, offer_id="O7"), row(X, Standing.ENDED))
    question = asked(Right.XPLATFORM, code="303", files=tmp_path, trust=Trust.RIGHT)
    done, failed, _ = applied(jiangxi, found(jiangxi, question).plan)
    held = {p: (jiangxi.relation(p).state, jiangxi.relation(p).offer_id) for p in (X, X_BOX)}
    assert (done, failed, held) == (2, 0, {X: (RelationState.ENDED, X), X_BOX: (RelationState.ACTIVE, "O7")})
    assert jiangxi.rig.partners.names() == ["archive", "archive"]


def test_failed_line_ends_its_row(jiangxi):
    """What follows it for the same product is not begun."""
    jiangxi.at_ismp = {}
    jiangxi.hold(ISMP, state=RelationState.SUSPENDED)
    result = found(jiangxi, asked(trust=Trust.VSOP))
    jiangxi.rig.partners.answer("activate", jiangxi.refused(ISMP))
    done, failed, said = applied(jiangxi, result.plan)
    assert (len(result.plan.repairs), done, failed, "failed: the service platform refused" in said[0], len(said)) == (2, 0, 2, True, 1)


def test_order_that_goes_on(jiangxi):
    """Is not counted as done; its name is told."""
    jiangxi.at_ismp = {}
    result = found(jiangxi, asked(trust=Trust.VSOP))
    jiangxi.rig.partners.answer("activate", None)
    done, failed, said = applied(jiangxi, result.plan, wait=0.0)
    assert (done, failed, "goes on" in said[0]) == (0, 1, True)


def test_line_that_is_not_begun(jiangxi):
    """Its reason is told."""
    jiangxi.at_ismp = {}
    result = found(jiangxi)
    jiangxi.hold(ISMP, state=RelationState.SUSPENDED)
    assert "not begun: 订购关系状态不允许此操作" in applied(jiangxi, result.plan)[2][0]


def test_plan_file(jiangxi, tmp_path):
    """What is written is read again; only its owner may read it."""
    jiangxi.at_ismp = {}
    plan, file = found(jiangxi).plan, tmp_path / "plan.json"
    write_plan(plan, file)
    assert (read_plan(file), file.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (plan, 0o600, [file])


@pytest.mark.parametrize("content", [None, b"{", b'{"id": "R1"}'])
def test_file_that_is_no_plan(tmp_path, content):
    """Usage."""
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageFailed):
        read_plan(file)


def test_gateway_that_refuses_all(jiangxi):
    """A refusal of the whole request ends the command."""
    jiangxi.at_ismp = {}
    with pytest.raises(CommandFailed, match="who orders it"):
        Applying(jiangxi.client, "", "", 0.0, print).run(found(jiangxi).plan)


# ---- VSOP's own files ------------------------------------------------------------------------------------------------


def exported(office, out, right, code="", period=Period.MONTHLY):
    files = list(export_files(Gateway.of(office.client), right, code, period, TODAY, out))
    return [(str(f.relative_to(out)), [r.product_id for r in read_file(f.name, f.read_bytes()).rows]) for f in files]


def test_monthly_file_holds_what_stands(jiangxi, tmp_path):
    """One for each platform, in the directory of its system; VSOP made it, so its code is in the name."""
    assert exported(jiangxi, tmp_path, Right.XPLATFORM, "303") == [("303/I-202611-VSOP R7.2-200-00-01.AVL", [X])]
    assert exported(jiangxi, tmp_path, Right.ISMP) == [("204/I-202611-VSOP R8.2.2-200-00-01.AVL", [ISMP])]
    assert exported(jiangxi, tmp_path, Right.BILLING) == [("209/I-202611-VSOP R7.2-200-00-01.AVL", [X, ISMP])]


def test_daily_file_holds_what_changed(jiangxi, tmp_path):
    """Also what ended on the day, with its state."""
    jiangxi.place(X, action="1")
    assert exported(jiangxi, tmp_path, Right.XPLATFORM, "303", Period.DAILY) == [("303/A-20261123-VSOP R7.2-200-00-01.AVL", [X])]


def test_file_of_the_group_for_a_province(tmp_path):
    """National relations of its users alone."""
    office = group()
    office.hold(NATIONAL_ISMP)
    office.hold(NATIONAL_ISMP, number="18907710001")
    ((name, products),) = exported(office, tmp_path, Right.GROUP, "15")
    assert (name, products) == ("15/I-202611-VSOP R9.3-100-00-01.AVL", [NATIONAL_ISMP])


def test_platform_that_there_is_not(jiangxi, tmp_path):
    """Usage."""
    with pytest.raises(UsageFailed):
        exported(jiangxi, tmp_path, Right.XPLATFORM, "999")
