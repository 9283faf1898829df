"""SoapUI project files: what is read, and what is refused by file, line and reason."""

from __future__ import annotations

import pytest
from soapui_rig import assertion, case, project, properties, request, step

from stubs.soapui.model import ProjectError, RequestStep
from stubs.soapui.reading import read_project


def read(tmp_path, text):
    path = tmp_path / "p.xml"
    path.write_text(text, encoding="utf-8")
    return read_project(path)


def refusal(tmp_path, text):
    with pytest.raises(ProjectError) as error:
        read(tmp_path, text)
    return error.value.line, error.value.problem


HEAD = '<con:soapui-project name="P" xmlns:con="http://eviware.com/soapui/config">\n'
REFUSED = {
    "not XML": ("<con:soapui-project", (1, "not well-formed XML from column 20 on")),
    "cut off": (f"{HEAD}<con:testSuite name='S'>\n", (3, "not well-formed XML from column 1 on")),
    "another root": ("<project/>", (1, "expected con:soapui-project of namespace http://eviware.com/soapui/config, found project")),
    "a DTD": (f"<!DOCTYPE x [<!ENTITY a 'b'>]>{HEAD}</con:soapui-project>", (1, "a document type (DTD) is not allowed")),
    "an entity of a file": (
        f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{HEAD}&a;</con:soapui-project>",
        (1, "a document type (DTD) is not allowed")),
    "encrypted": (f"{HEAD}<con:encryptedContent>x</con:encryptedContent></con:soapui-project>",
                  (1, "the project is encrypted: save it without a password")),
    "suite without name": (f"{HEAD}<con:testSuite/></con:soapui-project>", (2, "con:testSuite has no name")),
    "case twice": (project(case("C"), "\n", case("C")), (3, "test case C is there twice: its results could not be told apart")),
    "property without name": (project(inner="\n<con:properties><con:property/></con:properties>"), (3, "a property has no name")),
    "step without config": (project('\n<con:testCase name="C"><con:testStep type="request" name="R"/></con:testCase>'),
                            (3, "step R: con:config is missing")),
    "unknown interface": (project(case("C", "\n", request("R"))).replace("<con:interface>B<", "<con:interface>X<"),
                          (3, "step R: the project has no WSDL interface X; there are: B")),
    "unknown operation": (project(case("C", "\n", request("R"))).replace("<con:operation>op<", "<con:operation>pay<"),
                          (3, "step R: interface B has no operation pay; there are: op")),
    "properties of a file": (project(case("C", "\n", step("properties", "F", "<con:source>/etc/passwd</con:source>"))),
                             (3, "step F: a properties step may not name a file (con:source)")),
    "transfer without source": (project(case("C", step("transfer", "T", "\n<con:transfers><con:name>t</con:name></con:transfers>"))),
                                (3, "transfer t: con:sourceType and con:targetType are needed")),
    "broken headers": (project(case("C", "\n", request("R", inner=(
        "<con:settings><con:setting id='x@request-headers'>&lt;a</con:setting></con:settings>")))),
        (3, "step R: setting request-headers: [1001] the message is not well-formed XML: "
            "XML (XML, line 1): not well-formed from column 3 on")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_broken_project_is_refused_by_line(tmp_path, name):
    """Each mistake is told with its line and a reason."""
    text, expected = REFUSED[name]
    assert refusal(tmp_path, text) == expected


def test_entities_in_entities_are_refused(tmp_path):
    """A document that would grow for ever is refused, and not read."""
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    line, problem = refusal(tmp_path, f"<!DOCTYPE x [<!ENTITY l0 'lol'>{entities}]>{HEAD}&l11;</con:soapui-project>")
    assert (line, problem.startswith(("a document type", "not well-formed"))) == (1, True)


def test_directory_is_refused(tmp_path):
    """A composite project says what to do."""
    with pytest.raises(ProjectError, match="composite projects are not read; save it as one file"):
        read_project(tmp_path)


def test_file_that_is_not_there(tmp_path):
    """A missing file is told as that."""
    with pytest.raises(ProjectError, match="cannot be read: No such file"):
        read_project(tmp_path / "none.xml")


def test_request_is_read(tmp_path):
    """Endpoint, body, headers, time-out and assertions of a request."""
    headers = '&lt;xml-fragment>&lt;con:entry key="X-A" value="1" xmlns:con="http://eviware.com/soapui/config"/>&lt;/xml-fragment>'
    setting = f"<con:setting id='com.eviware.soapui.impl.wsdl.WsdlRequest@request-headers'>{headers}</con:setting>"
    settings = f"<con:settings>{setting}</con:settings>"
    text = project(case("C", request("R", "<b/>", assertion("SOAP Fault Assertion"), attributes='timeout="500"', inner=settings)))
    found = read(tmp_path, text).suites[0].cases[0].steps[0]
    assert isinstance(found, RequestStep)
    assert (found.body, found.headers, found.timeout) == ("<b/>", (("X-A", "1"),), "500")
    assert [a.name for a in found.assertions] == ["Not SOAP Fault"]


def test_scripts_are_noted(tmp_path):
    """Set-up and tear-down scripts are known by name."""
    text = project(case("C", "<con:setupScript>x()</con:setupScript>"), suite="<con:tearDownScript>y()</con:tearDownScript>")
    found = read(tmp_path, text)
    assert (found.suites[0].scripts, found.suites[0].cases[0].scripts) == (("tearDownScript",), ("setupScript",))


def test_properties_are_read(tmp_path):
    """Of the project, too."""
    assert read(tmp_path, project(inner=properties(a="1", b="x & y"))).properties == {"a": "1", "b": "x & y"}
