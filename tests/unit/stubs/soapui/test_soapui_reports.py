"""What a run leaves behind: JUnit in SoapUI's names, results.json, the raw messages of steps that failed."""

from __future__ import annotations

import json

from lxml import etree
from soapui_rig import Script, assertion, case, envelope, project, request, runner_of, step

from stubs.soapui.reports import file_name, junit, write_reports
from stubs.soapui.results import CaseResult, CaseStatus

FAILS = assertion("Simple Contains", token="never there")


def written(tmp_path, *cases, allow_skipped=False):
    runner = runner_of(tmp_path, project(*cases), Script([envelope("<a/>")]))
    outcome = runner.outcome(list(runner.run(runner.selected())))
    files = write_reports(outcome, tmp_path / "out", endpoint="http://gw", allow_skipped=allow_skipped)
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def test_junit_has_soapui_s_names(tmp_path):
    """TEST-Suite.xml, PROJECT.SUITE, a testcase for each case, the failure with SoapUI's reason."""
    off = case("Off", attributes='disabled="true"')
    files = written(tmp_path, case("Good", request("R")), case("Bad one", request("Step 1", "<a/>", FAILS)), off)
    suite = etree.fromstring(files["TEST-S.xml"].encode())
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("P.S", "2", "1")
    assert [(c.get("name"), [f.get("message") for f in c]) for c in suite.iter("testcase")] == [
        ("Good", []), ("Bad one", ["Cancelling due to failed test step"])]  # fmt: skip
    assert "<h3><b>Step 1 Failed</b></h3>" in suite.findtext(".//failure")


def test_raw_messages_of_a_failed_step(tmp_path):
    """Named as testrunner names them; request and answer stand in it as they were."""
    text = written(tmp_path, case("Bad one", request("Step 1", "<a/>", FAILS)))["S-Bad_one-Step_1-0-FAILED.txt"]
    assert ("URL: http://127.0.0.1:9/x" in text, "\n<a/>\n" in text, envelope("<a/>") in text, "HTTP/1.1 200 OK" in text) == (True,) * 4


def test_not_run_is_a_failure_or_skipped(tmp_path):
    """As --allow-skipped says; never a pass."""
    kinds = []
    for allowed in (False, True):
        suite = etree.fromstring(written(tmp_path, case("C", step("groovy", "G")), allow_skipped=allowed)["TEST-S.xml"].encode())
        kinds.append([child.tag for child in suite.find("testcase")])
    assert kinds == [["failure"], ["skipped"]]


def test_results_are_told_in_both_languages(tmp_path):
    """results.json has every verdict, and the exit code."""
    told = json.loads(written(tmp_path, case("C", request("R", "<a/>", FAILS)))["results.json"])
    (found,) = told["cases"][0]["steps"][0]["assertions"]
    assert (told["exit"], told["totals"]["failed_assertions"], found["status"], found["en"], found["zh"]) == (
        1, 1, "FAILED", "missing token [never there] in Response", "应答中没有 [never there]")  # fmt: skip


def test_page_needs_nothing_and_escapes_all(tmp_path):
    """report.html has both languages, request and answer, no address of anything outside, and no markup of theirs."""
    page = written(tmp_path, case("C&lt;b>", request("R", "<script>x()</script>", FAILS)))["report.html"]
    assert ("应答中没有 [never there]" in page, "missing token [never there] in Response" in page) == (True, True)
    assert [part for part in ("<script", "C<b>", "src=", "href=\"http", "@import") if part in page] == []


def test_names_that_are_one_file_get_a_number(tmp_path):
    """Two steps whose names differ in signs only do not overwrite each other."""
    files = written(tmp_path, case("C!", request("R", "<a/>", FAILS)), case("C?", request("R", "<a/>", FAILS)))
    assert sorted(name for name in files if name.endswith(".txt")) == ["S-C-R-0-FAILED-2.txt", "S-C-R-0-FAILED.txt"]


def test_what_xml_cannot_carry_is_left_out():
    """A reason with a control character in it still gives a report that is XML."""
    broken = CaseResult("S", "C\x01", CaseStatus.FAILED, "why\x00")
    assert etree.fromstring(junit("P", "S", [broken], allow_skipped=False)).find("testcase").get("name") == "C?"


def test_file_names_are_soapui_s():
    """Blanks become _, what is no letter or digit is left out; no name leads out of the directory."""
    assert [file_name(name) for name in ("A b", "../../etc", "a_b-c", "测试 1", "...")] == ["A_b", "etc", "a_bc", "测试_1", "_"]
