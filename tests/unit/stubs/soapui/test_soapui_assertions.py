"""SoapUI's assertions: when each holds, and what it says when not."""

from __future__ import annotations

import pytest
from soapui_rig import assertion, case, envelope, http, project, request, run

from stubs.soapui.results import Verdict

ANSWER = envelope("<r:x xmlns:r='urn:x'><r:code>0</r:code><r:id n='1'>A-17</r:id><r:l><r:i>1</r:i><r:i>2</r:i></r:l></r:x>")
FAULT = envelope("<s:Fault><faultcode>s:Client</faultcode><faultstring>no such user</faultstring></s:Fault>")
X = "declare namespace r='urn:x'; "


def verdict(tmp_path, what, answer=ANSWER):
    (result,), _ = run(tmp_path, project(case("C", request("R", "<a/>", what))), answer)
    (found,) = result.steps[0].assertions
    return found


HOLDS = {
    "soap response": assertion("SOAP Response"),
    "not a fault": assertion("SOAP Fault Assertion"),
    "contains": assertion("Simple Contains", token="A-17"),
    "contains, any case": assertion("Simple Contains", token="a-17", ignoreCase="true"),
    "contains by expression": assertion("Simple Contains", token="(?s).*A-\\d+.*", useRegEx="true"),
    "not contains": assertion("Simple NotContains", token="B-17"),
    "not contains by expression": assertion("Simple NotContains", token="A-\\d+", useRegEx="true"),
    "nothing is contained": assertion("Simple Contains", token=""),
    "in time": assertion("Response SLA Assertion", SLA="10"),
    "status": assertion("Valid HTTP Status Codes", codes="202, 200"),
    "not status": assertion("Invalid HTTP Status Codes", codes="500,404"),
    "text": assertion("XPath Match", path=X + "//r:code", content="0"),
    "count": assertion("XPath Match", path=X + "count(//r:i)", content="2"),
    "exists": assertion("XPath Match", path=X + "exists(//r:id)", content="true"),
    "any of several": assertion("XPath Match", path=X + "//r:i", content="2"),
    "attribute": assertion("XPath Match", path="//@n", content="1"),
    "wildcard": assertion("XPath Match", path=X + "//r:id", content="A-*", allowWildcards="true"),
    "XML": assertion("XPath Match", path=X + "//r:l", content="<r:l xmlns:r='urn:x'>\n  <r:i>1</r:i><r:i>2</r:i></r:l>"),
    "XML with a wildcard": assertion("XPath Match", path=X + "//r:l", content="<r:l xmlns:r='urn:x'><r:i>*</r:i><r:i>2</r:i></r:l>",
                                     allowWildcards="true"),
    "XML of another prefix": assertion("XPath Match", path=X + "//r:l", content="<q:l xmlns:q='urn:x'><q:i>1</q:i><q:i>2</q:i></q:l>",
                                       ignoreNamspaceDifferences="true"),
}  # fmt: skip
FAILS = {
    "a fault": (assertion("Not SOAP Fault Assertion"), "the answer is not a SOAP fault"),
    "contains": (assertion("Simple Contains", token="B-17"), "missing token [B-17] in Response"),
    "case": (assertion("Simple Contains", token="a-17"), "missing token [a-17] in Response"),
    "part by expression": (assertion("Simple Contains", token="A-17", useRegEx="true"), "missing token [A-17] in Response"),
    "not contains": (assertion("Simple NotContains", token="A-17"), "Response contains token [A-17]"),
    "late": (assertion("Response SLA Assertion", SLA="9"), "response did not meet SLA 10/9"),
    "no number": (assertion("Response SLA Assertion", SLA="soon"), "the SLA is not a number: soon"),
    "status": (assertion("Valid HTTP Status Codes", codes="500"), "HTTP status 200 is not one of 500"),
    "text": (assertion("XPath Match", path="//@n", content="2"), "comparison failed for path [//@n]: expected [2], found [1]"),
    "nothing": (assertion("XPath Match", path="//z", content="2"), "nothing is selected by //z"),
    "prefix": (assertion("XPath Match", path="//r:code", content="0"), "the XPath uses a prefix that is not declared: //r:code"),
    "XML": (assertion("XPath Match", path=X + "//r:l", content="<r:l xmlns:r='urn:x'><r:i>1</r:i></r:l>"),
            "comparison failed for path [//r:l]: expected 1 elements in l, found 2"),
    "prefix of XML": (assertion("XPath Match", path=X + "//r:code", content="<q:code xmlns:q='urn:x'>0</q:code>"),
                      "comparison failed for path [//r:code]: expected prefix q of code, found r"),
}  # fmt: skip
NOT_RUN = {
    "groovy": (assertion("GroovyScriptAssertion", scriptText="1"), "assertions of kind GroovyScriptAssertion are not run"),
    "xquery": (assertion("XQuery Match", path="x"), "assertions of kind XQuery Match are not run"),
    "groovy in a token": (assertion("Simple Contains", token="${=x}"), "Groovy in a text: ${=x}"),
    "java's expressions": (assertion("Simple Contains", token="\\p{Lu}+", useRegEx="true"),
                           "the regular expression cannot be used: \\p{Lu}+"),
    "schema without definition": (assertion("Schema Compliance"),
                                  "no WSDL for interface B: the project has no cached definition and names no file relative to itself"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDS)
def test_holds(tmp_path, name):
    """VALID, and nothing more to say."""
    found = verdict(tmp_path, HOLDS[name])
    assert (found.verdict, found.why) == (Verdict.VALID, None)


@pytest.mark.parametrize("name", FAILS)
def test_fails_and_says_why(tmp_path, name):
    """FAILED, with the reason in words, in both languages."""
    what, expected = FAILS[name]
    found = verdict(tmp_path, what)
    assert (found.verdict, found.why.en) == (Verdict.FAILED, expected)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.why.zh)


@pytest.mark.parametrize("name", NOT_RUN)
def test_what_cannot_be_judged_is_said(tmp_path, name):
    """NOT_RUN, never VALID."""
    what, expected = NOT_RUN[name]
    found = verdict(tmp_path, what)
    assert (found.verdict, found.why.en) == (Verdict.NOT_RUN, expected)


@pytest.mark.parametrize(("kind", "expected"), [("SOAP Fault Assertion", Verdict.FAILED), ("Not SOAP Fault Assertion", Verdict.VALID)])
def test_ids_of_faults_are_the_wrong_way_round(tmp_path, kind, expected):
    """`SOAP Fault Assertion` means that there is none."""
    assert verdict(tmp_path, assertion(kind), http(FAULT, 500)).verdict is expected


@pytest.mark.parametrize("kind", ["SOAP Response", "SOAP Fault Assertion", "Not SOAP Fault Assertion"])
@pytest.mark.parametrize("answer", ["<html/>", "busy", "", "<!DOCTYPE x><a/>", f"<s:Envelope xmlns:s='{'http://x'}'/>"])
def test_what_is_no_envelope_fails(tmp_path, kind, answer):
    """HTML, plain text, nothing, a document type, another envelope: FAILED with a reason."""
    found = verdict(tmp_path, assertion(kind), answer)
    assert (found.verdict, bool(found.why)) == (Verdict.FAILED, True)


def test_chinese_of_gbk_is_read(tmp_path):
    """An answer in GBK is judged by its letters."""
    answer = http("")
    body = envelope("<a>成功</a>").encode("gbk")
    answer = type(answer)(200, "OK", (("Content-Type", "text/xml; charset=GBK"),), body, 0.01)
    assert verdict(tmp_path, assertion("XPath Match", path="//a", content="成功"), answer).verdict is Verdict.VALID


WSA = "http://www.w3.org/2005/08/addressing"


def answered(*blocks):
    return envelope("<a/>", "".join(f"<w:{name} xmlns:w='{WSA}'>{value}</w:{name}>" for name, value in blocks))


def test_addressing_of_an_answer(tmp_path):
    """wsa:RelatesTo must be the MessageID that the request was given."""
    what = assertion("WS-A Response Assertion", asertWsaAction="true", asertWsaRelatesTo="true")
    config = '<con:wsaConfig mustUnderstand="NONE" version="200508" action="urn:a" generateMessageId="true"/>'
    text = project(case("C", request("R", envelope("<q/>"), what, attributes='useWsAddressing="true"', inner=config)))
    said = {}
    for related in ("uuid:id-0", "uuid:other"):
        (result,), script = run(tmp_path, text, answered(("Action", "urn:b"), ("RelatesTo", related)))
        said[related] = result.steps[0].assertions[0].verdict
    assert said == {"uuid:id-0": Verdict.VALID, "uuid:other": Verdict.FAILED}
    assert ["<wsa:MessageID" in script.sent[0], ">urn:a</wsa:Action>" in script.sent[0]] == [True, True]


def test_addressing_that_is_missing(tmp_path):
    """The block that is missing is named; so is one of the request."""
    assert verdict(tmp_path, assertion("WS-A Response Assertion")).why.en == "the header block wsa:Action is missing or empty"
    assert verdict(tmp_path, assertion("WS-A Request Assertion")).why.en == "the header block wsa:Action is missing or empty"


def test_disabled_assertion_is_left_out(tmp_path):
    """It has no verdict."""
    (result,), _ = run(tmp_path, project(case("C", request("R", "<a/>", assertion("Simple Contains", token="no", disabled="true")))))
    assert result.steps[0].assertions == []
