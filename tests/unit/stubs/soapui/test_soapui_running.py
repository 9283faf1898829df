"""How a case goes: order, errors, disabled parts, what is not run, transfers, gotos, endpoints."""

from __future__ import annotations

import pytest
from soapui_rig import Script, assertion, case, envelope, project, properties, request, run, runner_of, step

from stubs.soapui.results import CaseStatus, RunResult, Said, StepStatus
from stubs.soapui.sending import NoAnswer, Outcome

FAILS = assertion("Simple Contains", token="never there")
HOLDS = assertion("SOAP Response")


def outcome(results):
    """Status of the case, and of its steps."""
    (result,) = results
    return result.status, [step.status for step in result.steps]


def transfers(*each):
    """A transfer step T of several transfers, each by its elements and attributes."""
    inner = "".join(
        f"<con:transfers {attributes}>"
        + "".join(f"<con:{name}>{value}</con:{name}>" for name, value in elements.items())
        + "</con:transfers>"
        for elements, attributes in each
    )
    return step("transfer", "T", inner)


def test_case_that_passes(tmp_path):
    """FINISHED, each step OK."""
    results, script = run(tmp_path, project(case("C", request("R", "<a/>", HOLDS))))
    assert outcome(results) == (CaseStatus.FINISHED, [StepStatus.OK])
    assert script.headers[0] == {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '"urn:x/op"'}


def test_soap_1_2_names_the_action_in_the_media_type(tmp_path):
    """There is no SOAPAction header in SOAP 1.2."""
    _, script = run(tmp_path, project(case("C", request("R")), soap="1_2"))
    assert script.headers[0] == {"Content-Type": 'application/soap+xml;charset=UTF-8;action="urn:x/op"'}


def test_request_without_assertions_fails_nothing(tmp_path):
    """SoapUI says UNKNOWN of it, and the case is FINISHED."""
    results, _ = run(tmp_path, project(case("C", request("R"))), "whatever")
    assert outcome(results) == (CaseStatus.FINISHED, [StepStatus.UNKNOWN])


def test_first_error_ends_a_case(tmp_path):
    """With failOnError, the default, steps behind it have no turn."""
    results, _ = run(tmp_path, project(case("C", request("R", "<a/>", FAILS), request("Q"))))
    assert outcome(results) == (CaseStatus.FAILED, [StepStatus.FAILED])
    assert results[0].reason == "Cancelling due to failed test step"


def test_case_may_go_on_after_an_error(tmp_path):
    """Without failOnError the others run, and the case fails at its end."""
    steps = request("R", "<a/>", FAILS), request("Q", "<a/>", HOLDS)
    results, _ = run(tmp_path, project(case("C", *steps, attributes='failOnError="false"')))
    assert outcome(results) == (CaseStatus.FAILED, [StepStatus.FAILED, StepStatus.OK])
    assert results[0].reason == "Failing due to failed test step"


def test_errors_may_be_let_pass(tmp_path):
    """Without failTestCaseOnErrors either, it is FINISHED."""
    off = 'failOnError="false" failTestCaseOnErrors="false"'
    results, _ = run(tmp_path, project(case("C", request("R", "<a/>", FAILS), attributes=off)))
    assert outcome(results) == (CaseStatus.FINISHED, [StepStatus.FAILED])


def test_disabled_step_and_case_are_left_out(tmp_path):
    """Nothing is sent for them."""
    off = request("Q").replace('name="Q">', 'name="Q" disabled="true">', 1)
    results, script = run(tmp_path, project(case("C", off), case("D", request("R"), attributes='disabled="true"')))
    assert ([r.status for r in results], results[0].steps[0].status) == ([CaseStatus.FINISHED, CaseStatus.DISABLED], StepStatus.DISABLED)
    assert script.sent == []


@pytest.mark.parametrize(("inner", "why"), [
    (step("groovy", "G", "<script>x</script>"), "step G: steps of type groovy are not run"),
    (step("calltestcase", "T"), "step T: steps of type calltestcase are not run"),
    (request("R", "<a>${=new Date()}</a>"), "step R: Groovy in a text: ${=new Date()}"),
    (request("R", "<a/>", assertion("GroovyScriptAssertion")),
     "step R: assertion GroovyScriptAssertion: assertions of kind GroovyScriptAssertion are not run"),
    (request("R", attributes='outgoingWss="sign"'), "step R: the request uses a WS-Security configuration (outgoingWss)"),
    (request("R", inner="<con:credentials><con:username>u</con:username></con:credentials>"),
     "step R: the request uses a user name and password (credentials)"),
    ("<con:setupScript>x()</con:setupScript>", "Groovy in setupScript"),
])  # fmt: skip
def test_what_cannot_be_run_is_listed(tmp_path, inner, why):
    """The case is not run in full: exit 1, or 0 where that is allowed."""
    results, _ = run(tmp_path, project(case("C", inner)))
    whole = RunResult("P", results, (), True)
    assert ([said.en for said in results[0].not_run], results[0].status) == ([why], CaseStatus.NOT_RUN)
    assert (whole.exit_code(allow_skipped=False), whole.exit_code(allow_skipped=True)) == (1, 0)


def test_what_needs_a_step_that_was_not_run_is_not_run_either(tmp_path):
    """Its answer is missing, so nothing can be said."""
    text = project(case("C", request("G", "${=x}"), request("R", "<a>${G#Response#//b}</a>"), transfers(
        ({"sourceType": "Response", "sourceStep": "G", "targetType": "Request", "targetStep": "R"}, ""))))  # fmt: skip
    results, script = run(tmp_path, text)
    assert (outcome(results), script.sent) == ((CaseStatus.NOT_RUN, [StepStatus.NOT_RUN] * 3), [])


def test_values_of_all_levels(tmp_path):
    """Project, suite, case, properties step, an answer before, the directory; -P goes before the project's own."""
    body = "${#Project#p}${#TestSuite#s}${#TestCase#c}${Props#v}${R#Response#//n:id}${#Global#g}${#System#y}"
    answer = envelope("<n:id xmlns:n='urn:n'>7</n:id>")
    text = project(
        case("C", properties(c="3"), step("properties", "Props", properties(v="4")), request("R"), request("Q", body)),
        suite=properties(s="2"), inner=properties(p="1"),
    )  # fmt: skip
    _, script = run(tmp_path, text, answer, properties={"P": "9"})
    assert script.sent[1] == "92347"


def test_unknown_name_is_noted(tmp_path):
    """It stands for nothing, as in SoapUI, and a person is told."""
    results, script = run(tmp_path, project(case("C", request("R", "<a>${#Project#zz}</a>"))))
    notes = [note.en for note in results[0].steps[0].notes]
    assert (script.sent, notes) == (["<a></a>"], ["${#Project#zz} is unknown: it stands for nothing"])


TARGET = "<q><to>old</to><to k='1'/></q>"
MOVED = [
    ({"sourceType": "v", "sourceStep": "Props", "targetType": "w", "targetStep": "#TestCase#"}, "", "${#TestCase#w}", "<x>1</x>"),
    ({"sourceType": "v", "sourceStep": "Props", "sourcePath": "//x", "targetType": "w", "targetStep": "#Project#"}, "",
     "${#Project#w}", "1"),
    ({"sourceType": "Response", "sourcePath": "//i", "targetType": "Request", "targetPath": "//to"}, "", None,
     "<q><to>1</to><to k=\"1\">2</to></q>"),
    ({"sourceType": "Response", "sourcePath": "//i[1]", "targetType": "Request", "targetPath": "//to"}, 'transferToAll="true"', None,
     "<q><to>1</to><to k=\"1\">1</to></q>"),
    ({"sourceType": "Response", "sourcePath": "//i[2]/text()", "targetType": "Request", "targetPath": "//to/@k"}, "", None,
     "<q><to>old</to><to k=\"2\"/></q>"),
    ({"sourceType": "Response", "sourcePath": "//l", "targetType": "Request", "targetPath": "//to[1]"}, 'transferTextContent="false"', None,
     "<q><l><i>1</i><i>2</i></l><to k=\"1\"/></q>"),
    ({"sourceType": "Response", "sourcePath": "//z", "targetType": "Request", "targetPath": "//to[1]"}, "", None,
     "<q><to></to><to k=\"1\"/></q>"),
    ({"sourceType": "Response", "sourcePath": "//z", "targetType": "Request", "targetPath": "//to[1]"}, 'ignoreEmpty="true"', None, TARGET),
]  # fmt: skip


@pytest.mark.parametrize(("elements", "attributes", "body", "expected"), MOVED)
def test_transfer(tmp_path, elements, attributes, body, expected):
    """Property to property, from an answer by XPath, into a request by XPath."""
    if body is None:
        elements = {**elements, "sourceStep": "R", "targetStep": "Q"}
    text = project(case("C", step("properties", "Props", properties(v="<x>1</x>")), request("R"), transfers((elements, attributes)),
                        request("Q", body or TARGET)))  # fmt: skip
    results, script = run(tmp_path, text, envelope("<l><i>1</i><i>2</i></l>"))
    assert ([said.en for step in results[0].steps for said in step.messages], script.sent[1]) == ([], expected)


@pytest.mark.parametrize(("elements", "why"), [
    ({"sourceStep": "none"}, "there is no step none"),
    ({"targetStep": "none"}, "there is no step none"),
    ({"targetPath": "//none"}, "transfer t: missing match for target XPath [//none]"),
    ({"sourcePath": "//none"}, "transfer t: nothing is there to transfer: //none"),
    ({"sourceStep": "Q"}, "transfer t: nothing is there to transfer: Response"),
])  # fmt: skip
def test_transfer_that_fails(tmp_path, elements, why):
    """It says what is missing; with failOnError the step fails, else it is noted."""
    base = {"name": "t", "sourceType": "Response", "sourceStep": "R", "targetType": "Request", "targetStep": "Q"}
    told = []
    for attributes in ('failOnError="true"', 'failOnError="false"'):
        moved = transfers(({**base, **elements}, f'{attributes} setNullOnMissingSource="false"'))
        text = project(case("C", request("R"), moved, request("Q")))
        (result,), _ = run(tmp_path, text)
        told.append((result.status, [said.en for said in (*result.steps[1].messages, *result.steps[1].notes)]))
    assert told == [(CaseStatus.FAILED, [why]), (CaseStatus.FINISHED, [why])]


def test_delay_sleeps(tmp_path):
    """By the clock that is handed in; too long a delay fails."""
    _, script = run(tmp_path, project(case("C", step("delay", "D", "<delay>1500</delay>"))))
    (long,), _ = run(tmp_path, project(case("C", step("delay", "D", "<delay>99999999</delay>"))))
    assert (script.slept, long.status) == ([1.5], CaseStatus.FAILED)


def goto(condition, target):
    """A goto step."""
    return step("goto", "G", f"<con:condition><con:name>c</con:name><con:type>XPATH</con:type><con:expression>{condition}</con:expression>"
                             f"<con:targetStep>{target}</con:targetStep></con:condition>")  # fmt: skip


def test_goto_goes_where_its_condition_holds(tmp_path):
    """Forward here; where it does not hold, the next step has its turn."""
    text = project(case("C", request("R"), goto("//n = 'yes'", "Z"), request("Q", "<q/>"), request("Z", "<z/>")))
    sent = {answer: run(tmp_path, text, envelope(f"<n>{answer}</n>"))[1].sent[1:] for answer in ("yes", "no")}
    assert sent == {"yes": ["<z/>"], "no": ["<q/>", "<z/>"]}


def test_goto_that_goes_round_has_an_end(tmp_path):
    """Ten thousand steps, then it fails as that."""
    (result,), script = run(tmp_path, project(case("C", request("R"), goto("true()", "R"))))
    assert (result.status, result.steps[-1].messages[0].en, len(script.sent)) == (
        CaseStatus.FAILED, "the case did more than 10000 steps: given up", 5000)  # fmt: skip


@pytest.mark.parametrize(("endpoint", "url"), [
    (None, "http://127.0.0.1:9/x?y=1"), ("http://gw:7001", "http://gw:7001/x?y=1"), ("https://gw/other", "https://gw/other"),
    ("http://gw:7001/", "http://gw:7001/"),
])  # fmt: skip
def test_endpoint_is_replaced(tmp_path, endpoint, url):
    """Whole where one with a path is given; else only scheme, host and port."""
    _, script = run(tmp_path, project(case("C", request("R", endpoint="http://127.0.0.1:9/x?y=1"))), endpoint=endpoint)
    assert script.urls == [url]


def test_time_out_of_the_project_is_kept_below_the_run_s(tmp_path):
    """A request's own time-out counts where it is shorter than the deadline."""
    text = project(case("C", request("R", attributes='timeout="1500"'), request("Q", attributes='timeout="90000"')))
    assert run(tmp_path, text, deadline=10.0)[1].seconds == [1.5, 10.0]


@pytest.mark.parametrize(("kind", "code"), [(Outcome.UNREACHABLE, 3), (Outcome.HUNG, 1), (Outcome.TOO_LARGE, 1), (Outcome.BROKEN, 1)])
def test_no_answer_fails_the_step(tmp_path, kind, code):
    """Exit 3 only where nobody gives a connection; who connects and hangs has failed."""
    script = Script([NoAnswer(kind, Said("无", "why"))])
    runner = runner_of(tmp_path, project(case("C", request("R", "<a/>", HOLDS))), script)
    results = list(runner.run(runner.selected()))
    assert ([said.en for said in results[0].steps[0].messages], runner.outcome(results).exit_code(allow_skipped=True)) == (["why"], code)


def test_choice_of_suite_and_case(tmp_path):
    """By name; a name that is not there is told with those that are."""
    runner = runner_of(tmp_path, project(case("C", request("R")), case("D")), Script([]))
    assert [one.name for _, one in runner.selected("S", "D")] == ["D"]
    with pytest.raises(LookupError, match="no test case E; there are: C, D"):
        runner.selected(None, "E")
    empty = runner_of(tmp_path, project(), Script([]))
    with pytest.raises(LookupError, match="no test case at all; there are: none"):
        empty.selected()
    with pytest.raises(LookupError, match="no test suite T in project P; there are: S"):
        runner.selected("T")
