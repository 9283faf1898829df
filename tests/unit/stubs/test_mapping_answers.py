"""A set with mappings, over HTTP bytes: which mapping answers, what it answers, and what the journal has of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from stub_rig import Rig

from gateway.contract import Codec
from stubs.mapping.files import read_files


@pytest.fixture
def rig(root: Path, codecs: dict[str, Codec]) -> Rig:
    return Rig(root, codecs, roles=("ocs", "xplatform", "portal"))


class Asker:
    """Adds mappings for one operation, and sends it good requests."""

    def __init__(self, rig: Rig, scene: Any, operation: str = "ocs.feeCheck") -> None:
        self.rig, self._scene, self._operation = rig, scene, operation

    def map(self, **fields: Any) -> dict[str, Any]:
        role, operation = self._operation.split(".")
        status, told = self.rig.api("POST", "mappings", {"role": role, "operation": operation, **fields})
        assert status == 201, told
        return dict(told)

    def ask(self, **changes: Any) -> tuple[int, str]:
        line = self.rig.line()
        role, operation = self._operation.split(".")
        request = self._scene.request(self._operation, **changes)
        line.send("POST", f"/services/{role}", self.rig.envelope(role, operation, request))
        status, body = line.answer()
        return status, body.decode()

    def field(self, name: str, **changes: Any) -> str | None:
        """Send a request, and give one field of the answer."""
        _, body = self.ask(**changes)
        return body.partition(f"<m:{name}>")[2].partition("<")[0] if f"<m:{name}>" in body else None

    @property
    def journal(self) -> list[dict[str, Any]]:
        return list(self.rig.api("GET", "journal")[1]["entries"])


@pytest.fixture
def ocs(rig: Rig, scene: Any) -> Asker:
    return Asker(rig, scene)


@pytest.fixture
def platform(rig: Rig, scene: Any) -> Asker:
    return Asker(rig, scene, "xplatform.serverAction")


def test_fields_of_an_answer(ocs: Asker) -> None:
    """The rest of the answer is as every answer: the request's StreamingNo, code 0 and its text; the journal names the mapping."""
    made = ocs.map(response={"fields": {"Balance": 77}})
    assert ocs.field("Balance") == "77"
    (entry,) = ocs.journal
    assert (entry["mapping"], entry["answer"]["ResultCode"], entry["answer"]["Balance"]) == (made["id"], "0", 77)
    assert entry["answer"]["StreamingNo"] == entry["fields"]["StreamingNo"]


def test_only_a_request_that_is_as_asked(ocs: Asker) -> None:
    """Any other is answered by the role."""
    wanted = {"ProductNo": {"matches": ".*2"}, "TimeStamp": {"before": "20270101000000"}}
    ocs.map(request={"fields": wanted}, response={"fields": {"Balance": 1}})
    assert [ocs.field("Balance", ProductNo=number) for number in ("18907910001", "18907910002")] == ["5000", "1"]


def test_a_code_is_enough(ocs: Asker) -> None:
    """Its text comes from the table of codes."""
    ocs.map(response={"resultCode": 9001})
    assert (ocs.field("ResultCode"), ocs.journal[0]["answer"]["ResultDesc"].endswith("busy, retry later")) == ("9001", True)


def test_items_of_lists(platform: Asker, codecs: dict[str, Codec]) -> None:
    """A list of the answer follows a list of the request."""
    item = {"ProductID": "{{ item.VProductID }}", "OPResult": "{{ 0 if item.ActionType == '0' else 5002 }}"}
    results = {"forEach": "request.VProductInfo", "item": item}
    platform.map(
        request={"fields": {"VProductInfo[1].VProductID": "P2"}},
        response={"fields": {"ResultInfo": results, "ResultDesc": "{{ request.VProductInfo | length }} products"}},
    )
    product, offer = codecs["xplatform"]["ServerActionProduct"], {"ProductOfferType": "0", "ProductOfferID": "F1"}
    platform.ask(VProductInfo=[product(ActionType=act, VProductID=name, **offer) for act, name in (("0", "P1"), ("3", "P2"))])
    answer = platform.journal[0]["answer"]
    assert (answer["ResultInfo"], answer["ResultDesc"]) == (
        [{"ProductID": "P1", "OPResult": "0"}, {"ProductID": "P2", "OPResult": "5002"}], "2 products",
    )  # fmt: skip


def test_what_a_template_knows(ocs: Asker) -> None:
    """The request, the scenario, the world's user, time and numbers."""
    names = ("request.ProductNo", "scenario", "world.balance", "world.known", "world.prepaid", "now", "numbers.order()")
    ocs.map(scenarioName="S", response={"fields": {"ResultDesc": " ".join(f"{{{{ {name} }}}}" for name in names)}})
    told = ocs.field("ResultDesc")
    assert told is not None
    assert told.startswith("18907910001 Started 5000 True True 20260529042640 208-20260529042640-")


def test_a_field_of_a_template_is_text(ocs: Asker) -> None:
    """What it puts in cannot become markup."""
    ocs.map(response={"fields": {"ResultDesc": "{{ '<b>&' }}"}})
    assert "<m:ResultDesc>&lt;b&gt;&amp;</m:ResultDesc>" in ocs.ask()[1]


ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    "<faultstring>{{ request.ProductNo }} {{ '<' }}</faultstring></s:Fault></s:Body></s:Envelope>"
)


def test_a_whole_envelope(ocs: Asker) -> None:
    """It goes as it is, with the status that is said, whether or not it keeps the contract; values are escaped."""
    ocs.map(response={"body": ENVELOPE, "status": 500})
    status, body = ocs.ask()
    assert (status, "<faultstring>18907910001 &lt;</faultstring>" in body) == (500, True)
    assert ocs.journal[0]["answer"] == {"status": 500, "body": body}


def test_a_lower_priority_goes_first_and_of_equals_the_newest(ocs: Asker) -> None:
    """As in WireMock: 1 before 5, and what was added later hides what was there."""
    for balance, priority in ((1, 5), (2, 5), (3, 6)):
        ocs.map(priority=priority, response={"fields": {"Balance": balance}})
    first = ocs.field("Balance")
    ocs.map(priority=4, response={"fields": {"Balance": 4}})
    assert (first, ocs.field("Balance")) == ("2", "4")


def test_a_scenario_moves_on(ocs: Asker) -> None:
    """A mapping is for one state of its scenario, and a match leads to the next; a reset goes back to Started."""
    for state, new, balance in (("Started", "second", 1), ("second", "third", 2), ("third", None, 3)):
        more = {} if new is None else {"newScenarioState": new}
        ocs.map(scenarioName="S", requiredScenarioState=state, response={"fields": {"Balance": balance}}, **more)
    seen = [ocs.field("Balance") for _ in range(4)]
    told = ocs.rig.api("GET", "scenarios")[1]["scenarios"]
    ocs.rig.api("POST", "scenarios/reset")
    again = ocs.field("Balance")
    ocs.rig.api("PUT", "scenarios/S/state", {"state": "third"})
    assert (seen, again, ocs.field("Balance")) == (["1", "2", "3", "3"], "1", "3")
    assert told == [{"name": "S", "state": "third", "possibleStates": ["Started", "second", "third"]}]


@pytest.mark.parametrize(
    ("expression", "balance"),
    [
        ("//m:feeCheck[m:ProductNo='18907910001']", "1"),
        ("/s:Envelope/s:Body/*/m:ContentType[.='9']", "5000"),
        ("count(//m:ProductNo) = 1", "1"),
        ({"expression": "string(//m:ProductNo)", "matches": "189.*1"}, "1"),
        ({"expression": "//m:ProductNo", "equalTo": "0"}, "5000"),
        ({"expression": "count(//m:*)", "equalTo": "7"}, "1"),
    ],
)
def test_xpath_over_the_request(ocs: Asker, expression: Any, balance: str) -> None:
    """With the prefixes that are known, and with operators on what is found."""
    ocs.map(request={"bodyPatterns": [{"matchesXPath": expression}]}, response={"fields": {"Balance": 1}})
    assert ocs.field("Balance") == balance


@pytest.mark.parametrize("expression", ["//m:ProductNo[foo()]", "//m:ProductNo[$x]", "//m:ProductNo[count('x')]"])
def test_xpath_that_fails_on_a_request_matches_none(ocs: Asker, expression: str) -> None:
    """A function within a condition is looked up only when there is something to hold against it: the other mappings answer."""
    ocs.map(response={"fields": {"Balance": 2}})
    ocs.map(request={"bodyPatterns": [{"matchesXPath": expression}]}, response={"fields": {"Balance": 1}})
    assert ocs.field("Balance") == "2"
    asked = {"role": "ocs", "bodyPatterns": [{"matchesXPath": expression}]}
    (miss,) = ocs.rig.api("POST", "near-misses/request-pattern", asked)[1]["nearMisses"]
    assert miss["differences"][0]["actual"].startswith("cannot be carried out")


@pytest.mark.parametrize(
    "template", ["{% set w = world %}{{ w._world.reset() }}", "{% set n = numbers %}{{ n._numbers.next }}", "{{ [world][0]._world }}"]
)
def test_template_reaches_nothing_but_what_it_is_told(ocs: Asker, template: str) -> None:
    """Under another name, too, a template gets no hold of the set itself."""
    ocs.map(response={"fields": {"ResultDesc": template, "Balance": 1}})
    assert "sandbox" in ocs.ask()[1]


def test_xpath_sees_the_request_as_it_came(ocs: Asker, routing: Any) -> None:
    """Also its header, which no field tells."""
    pattern = {"matchesXPath": "/s:Envelope/s:Header/t:Routing[t:TraceId='T-1']"}
    ocs.map(request={"bodyPatterns": [pattern]}, response={"resultCode": 9001})
    rig, line = ocs.rig, ocs.rig.line()
    request = ocs._scene.request("feeCheck")
    line.send("POST", "/services/ocs", rig.envelope("ocs", "feeCheck", request, routing))
    with_routing, without = line.answer()[1].decode(), ocs.ask()[1]
    assert ("<m:ResultCode>9001" in with_routing, "<m:ResultCode>9001" in without) == (True, False)


def test_other_prefixes_are_declared(ocs: Asker) -> None:
    """As in WireMock: xPathNamespaces."""
    pattern = {"matchesXPath": "//fee:ProductNo", "xPathNamespaces": {"fee": "urn:vas:ocs:v1"}}
    ocs.map(request={"bodyPatterns": [pattern]}, response={"fields": {"Balance": 1}})
    assert ocs.field("Balance") == "1"


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"Balance": "{{ request.ProductNo }}x"}, "Balance", "expected a whole number"),
        ({"ResultDesc": "{{ request[scenario] }}"}, "ResultDesc", "'dict object' has no attribute 'Started'"),
        ({"ResultDesc": "{{ 1 / 0 }}"}, "ResultDesc", "the template cannot be carried out (ZeroDivisionError)"),
        ({"ResultDesc": "{{ now.__class__ }}"}, "ResultDesc", "the template does what its sandbox does not allow"),
        ({"ResultDesc": "{% for n in range(10000000) %}{% endfor %}"}, "ResultDesc", "the template cannot be carried out (OverflowError)"),
        ({"StreamingNo": "{{ 'x' * 99 }}"}, "StreamingNo", "expected "),
    ],
)  # fmt: skip
def test_a_template_that_makes_no_answer(ocs: Asker, fields: dict[str, str], field: str, reason: str) -> None:
    """The caller gets a fault that names mapping and field, and the journal has it."""
    ocs.map(id="M-1", response={"fields": fields})
    status, body = ocs.ask()
    error = ocs.journal[0]["answer"]["error"]
    assert (status, f"{field} (mapping M-1, " in body, f"{field} (mapping M-1, " in error, reason in error) == (500, True, True, True)


def test_an_answer_that_waits(ocs: Asker) -> None:
    """fixedDelayMilliseconds, on the set's clock; a reset does not wait for it."""
    ocs.map(response={"resultCode": 0, "fixedDelayMilliseconds": 1500})
    line = ocs.rig.line()
    message = ocs.rig.envelope("ocs", "feeCheck", ocs._scene.request("feeCheck"))
    line.send("POST", "/services/ocs", message)
    ocs.rig.reactor.advance(1.4)
    early = line.silent
    ocs.rig.reactor.advance(0.2)
    assert (early, line.answer()[0]) == (True, 200)
    line.send("POST", "/services/ocs", message)
    ocs.rig.api("POST", "reset")
    assert (line.answer()[0], ocs.rig.reactor.getDelayedCalls() != []) == (200, True)


def test_a_partner_that_is_away_has_no_mappings(ocs: Asker) -> None:
    """It is down: nothing answers."""
    ocs.map(response={"resultCode": 0})
    ocs.rig.api("POST", "settings", {"ocs.mode": "away"})
    line = ocs.rig.line()
    line.send("POST", "/services/ocs", ocs.rig.envelope("ocs", "feeCheck", ocs._scene.request("feeCheck")))
    assert (line.dropped, ocs.rig.api("GET", "mappings")[1]["mappings"][0]["served"]) == (True, 0)


def test_a_mapping_changes_nothing_in_the_world(platform: Asker) -> None:
    """It stands in the role's place: no ledger has it, and the same number is matched anew."""
    platform.map(response={"resultCode": 0, "fields": {"ResultInfo": [{"ProductID": "P1", "OPResult": "0"}]}})
    platform.ask(StreamingNo="20020260101120000000000001")
    platform.rig.api("DELETE", "mappings")
    platform.ask(StreamingNo="20020260101120000000000001")
    assert len(platform.rig.api("GET", "ledger/activation")[1]["rows"]) == 1


def test_mappings_of_files_come_back(rig: Rig, ocs: Asker, tmp_path: Path, codecs: dict[str, Codec]) -> None:
    """A reset takes away what was added, and brings back what was taken away."""
    text = '[[mapping]]\nid = "F"\nrole = "ocs"\noperation = "feeCheck"\nresponse.fields.Balance = 3\n'
    (tmp_path / "m.toml").write_text(text, "utf-8")
    rig.host.stage.mappings.load(read_files(tmp_path, codecs))
    ocs.map(id="added", response={"fields": {"Balance": 4}})
    seen = [ocs.field("Balance")]
    for act in (("DELETE", "mappings/added"), ("DELETE", "mappings"), ("POST", "mappings/reset")):
        rig.api(*act)
        seen.append(ocs.field("Balance"))
    assert (seen, rig.api("GET", "mappings/F")[1]["source"]) == (["4", "3", "5000", "3"], "m.toml:1")


def test_a_mapping_is_changed_by_its_id(ocs: Asker) -> None:
    """Put or added again, it is one mapping still."""
    made = ocs.map(id="M", response={"fields": {"Balance": 1}})
    changed = {key: made[key] for key in ("role", "operation")} | {"response": {"fields": {"Balance": 2}}}
    ocs.rig.api("PUT", "mappings/M", changed)
    second = ocs.field("Balance")
    ocs.map(id="M", response={"fields": {"Balance": 3}})
    assert (second, ocs.field("Balance"), len(ocs.rig.api("GET", "mappings")[1]["mappings"])) == ("2", "3", 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "mappings/none", None, 404, "no mapping none; there are mapping-1"),
        ("DELETE", "mappings/none", None, 404, "no mapping none"),
        ("PUT", "mappings/mapping-1", {"id": "other"}, 400, "id: the address names mapping-1"),
        ("POST", "mappings", {}, 400, "role is missing; there are ocs,"),
        ("POST", "mappings", {"role": "ocs", "operation": "feeCheck", "response": {"fields": {"X": 1}}}, 400, "response.fields.X: "),
        ("PUT", "scenarios/none/state", {}, 404, "no scenario none; there are S"),
        ("PUT", "scenarios/S/state", {"state": "x"}, 400, "state: expected one of Started"),
        ("POST", "requests/count", {"role": "crow"}, 400, "role: no role crow; there are"),
        ("POST", "requests/count", {"role": "ocs", "fields": {"ProductNr": "1"}}, 400, "fields.ProductNr: feeCheck has no field"),
        ("POST", "requests/find", {"color": 1}, 400, "color: unknown; there are role,"),
        ("POST", "near-misses/request", {"seq": 99}, 404, "the journal has no request 99"),
        ("POST", "near-misses/request", {"role": "x"}, 400, "role: expected one of ocs,"),
        ("POST", "near-misses/request", {"role": "ocs", "operation": "x"}, 400, "operation: expected one of feeCheck,"),
        ("POST", "near-misses/request", {"role": "ocs", "operation": "feeCheck"}, 400, "fields: expected an object"),
        ("POST", "near-misses/request", {"role": "ocs", "operation": "feeCheck", "fields": {}}, 400, "fields: StreamingNo: missing"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_told_why(ocs: Asker, method: str, path: str, body: Any, status: int, reason: str) -> None:
    """With what there is."""
    ocs.map(scenarioName="S", response={"resultCode": 0})
    told = ocs.rig.api(method, path, body)
    assert (told[0], told[1]["error"][: len(reason)]) == (status, reason)
