"""Files of mappings: read in both forms, and every mistake told with file, line and reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.contract import Codec
from stubs.mapping import files
from stubs.mapping.files import MappingFileError, read_files
from stubs.mapping.model import StubMapping

GOOD = """
[[mapping]]
name = "poor"
role = "ocs"
operation = "feeCheck"
request.fields.ProductNo = "18907910001"
response.fields.Balance = 0

[[mapping]]
id = "rich"
role = "ocs"
operation = "feeCheck"
response = { fields = { Balance = "{{ world.balance }}" } }
"""


def written(tmp_path: Path, text: str, name: str = "m.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path, codecs: dict[str, Codec]) -> list[str]:
    with pytest.raises(MappingFileError) as raised:
        read_files(path, codecs)
    return [line.removeprefix(f"{path}:") for line in raised.value.mistakes]


def told(found: list[StubMapping]) -> list[Any]:
    return [(mapping.id, mapping.name, mapping.source) for mapping in found]


def test_toml(tmp_path: Path, codecs: dict[str, Codec]) -> None:
    """Mappings know the line they stand in; one without an id gets one from the file's name."""
    found = read_files(written(tmp_path, GOOD), codecs)
    assert told(found) == [("m-1", "poor", "m.toml:2"), ("rich", "", "m.toml:9")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('{"role": "ocs", "operation": "feeCheck", "response": {"resultCode": 9001}}', ["w-1"]),
        ('\n{"mappings": [\n{"id": "a", "role": "ocs", "operation": "feeCheck", "response": {}}]}', ["a"]),
        ('[{"role": "ocs", "operation": "feeCheck", "response": {}}]', ["w-1"]),
    ],
)
def test_json(tmp_path: Path, codecs: dict[str, Codec], text: str, ids: list[str]) -> None:
    """One mapping, a list, or a list under the name that WireMock gives it."""
    assert [mapping.id for mapping in read_files(written(tmp_path, text, "w.json"), codecs)] == ids


def test_a_directory_is_read_in_the_order_of_names(tmp_path: Path, codecs: dict[str, Codec]) -> None:
    """Whatever its files are; what is neither TOML nor JSON is left alone."""
    written(tmp_path, GOOD, "b.toml")
    written(tmp_path, '{"role": "ocs", "operation": "feeCheck", "response": {}}', "a.json")
    written(tmp_path, "notes", "c.txt")
    assert [mapping.id for mapping in read_files(tmp_path, codecs)] == ["a-1", "b-1", "rich"]


def test_an_id_stands_once(tmp_path: Path, codecs: dict[str, Codec]) -> None:
    """In all files together."""
    written(tmp_path, GOOD, "a.toml")
    path = written(tmp_path, GOOD, "b.toml")
    with pytest.raises(MappingFileError) as raised:
        read_files(tmp_path, codecs)
    assert raised.value.mistakes == [f"{path}:9: id: rich is the id of a.toml:9 too"]


HEAD = '[[mapping]]\nrole = "xplatform"\noperation = "serverAction"\n'


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[[mapping]]\nrole = 1\n", "2: role: expected a text"),
        ("[[mapping]]\n", "1: operation is missing"),
        ('[[mapping]]\nrole = "crow"\n', "2: role: no role crow; there are "),
        ('[[mapping]]\nrole = "ocs"\noperation = "feeChek"\n', "3: operation: ocs has no operation feeChek; did you mean feeCheck?"),
        (HEAD, "1: response is missing"),
        (HEAD + "color = 1\n", "4: color: unknown; there are id, name, priority,"),
        (HEAD + 'id = "a b"\n', "4: id: expected letters, digits,"),
        (HEAD + "priority = 0\n", "4: priority: expected a number from 1 to 10; 1 goes first"),
        (HEAD + 'newScenarioState = "x"\n', "4: newScenarioState: a state needs scenarioName"),
        (HEAD + "request = 1\n", "4: request: expected a table"),
        (HEAD + "[mapping.request.fields]\nProductNr = 1\n", "5: request.fields.ProductNr: ServerActionRequest has no field Produc"),
        (HEAD + '[mapping.request.fields]\n"VProductInfo[0].X" = 1\n', "5: request.fields.VProductInfo[0].X: ServerActionProduct has no"),
        (HEAD + '[mapping.request.fields]\n"ProductNo[0]" = 1\n', "5: request.fields.ProductNo[0]: ProductNo stands once"),
        (HEAD + '[mapping.request.fields]\n"ProductNo.X" = 1\n', "5: request.fields.ProductNo.X: X: the field before it holds text"),
        (HEAD + "[mapping.request.fields]\nOrderId = { equals = 1 }\n", "5: request.fields.OrderId: equals is no operator"),
        (HEAD + "[[mapping.request.bodyPatterns]]\nx = 1\n", "4: request.bodyPatterns.0: x is unknown; there are matchesXPath"),
        (HEAD + '[[mapping.request.bodyPatterns]]\nmatchesXPath = "//a["\n', "5: request.bodyPatterns.0: not an XPath expression"),
        (HEAD + '[[mapping.request.bodyPatterns]]\nmatchesXPath = "//q:a"\n', "5: request.bodyPatterns.0: the prefix q of //q:a"),
        (HEAD + '[[mapping.request.bodyPatterns]]\nmatchesXPath = "f()"\n', "5: request.bodyPatterns.0: not an XPath expr"),
        (HEAD + "response.speed = 1\n", "4: response.speed: unknown; there are resultCode,"),
        (HEAD + "response.resultCode = 7777\n", "4: response.resultCode: not in the table of codes (docs/errors.md)"),
        (HEAD + "response.fixedDelayMilliseconds = -1\n", "4: response.fixedDelayMilliseconds: expected a number from 0 to 600000"),
        (HEAD + "response.status = 500\n", "4: response.status: belongs to body"),
        (HEAD + 'response.body = "x"\nresponse.resultCode = 1\n', "5: response.resultCode: stands beside body"),
        (HEAD + "[mapping.response.fields]\nResultInf = 1\n", "5: response.fields.ResultInf: "),
        (HEAD + "[mapping.response.fields]\nResultInfo = 1\n", "5: response.fields.ResultInfo: expected a list"),
        (HEAD + '[mapping.response.fields]\nResultDesc = "{{ x }}"\n', "5: response.fields.ResultDesc: x is undefined; there are request,"),
        (HEAD + '[mapping.response.fields]\nResultDesc = "{{ request.X }}"\n', "5: response.fields.ResultDesc: ServerActionRequest has no"),
        (HEAD + '[mapping.response.fields]\nResultDesc = "{{ world.x }}"\n', "5: response.fields.ResultDesc: world has no x; there are"),
        (HEAD + '[mapping.response.fields]\nResultDesc = "{{ 1 | f }}"\n', "5: response.fields.ResultDesc: No filter named 'f'"),
        (HEAD + '[mapping.response.fields]\nResultDesc = "{{ 1 "\n', "5: response.fields.ResultDesc: unexpected end"),
        (HEAD + '[mapping.response.fields]\nResultDesc = "{% for x in y %}"\n', "5: response.fields.ResultDesc: Unexpected end of"),
        (HEAD + "[mapping.response.fields]\nResultInfo = [{ OPResult = 0 }]\n", "5: response.fields.ResultInfo[0].ProductID: missing"),
        (
            HEAD + '[mapping.response.fields]\nResultInfo = { forEach = "request.VProductInfo", item = { ProductID = "{{ item.X }}" } }\n',
            "5: response.fields.ResultInfo.item.ProductID: ServerActionProduct has no field X; there are",
        ),
        ("x = 1\n", "1: expected [[mapping]] tables and nothing else"),
        ("a = 1\nb = \n", "2: not TOML: Invalid value"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, codecs: dict[str, Codec], text: str, mistake: str) -> None:
    """And with what there is instead."""
    found = mistakes(written(tmp_path, text), codecs)
    assert [line for line in found if line.startswith(mistake)] != [], found


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("{", "1: not JSON: Expecting property name enclosed in double quotes"),
        ('{"mappings": 1}', "1: expected a mapping, or a list of mappings"),
        ('{"mappings": [\n 1]}', "2: expected a table"),
        ('[{"role": "ocs", "operation": "feeCheck", "response": {}},\n {"role": "o"}]', "2: role: no role o; "),
        ("[]", "1: holds no mapping"),
        ("[" * 100_000, "1: not JSON: nested too deep"),
    ],
)
def test_a_mistake_in_json_is_told_with_its_line(tmp_path: Path, codecs: dict[str, Codec], text: str, mistake: str) -> None:
    """The same for the other form."""
    assert mistakes(written(tmp_path, text, "w.json"), codecs)[0].startswith(mistake)


def test_all_mistakes_are_told_at_once(tmp_path: Path, codecs: dict[str, Codec]) -> None:
    """Of all mappings of all files."""
    written(tmp_path, HEAD + "priority = 0\nresponse.speed = 1\n" + HEAD, "a.toml")
    written(tmp_path, "{", "b.json")
    with pytest.raises(MappingFileError) as raised:
        read_files(tmp_path, codecs)
    lines = [line.removeprefix(str(tmp_path)).split(":")[:2] for line in raised.value.mistakes]
    assert lines == [["/a.toml", "4"], ["/a.toml", "5"], ["/a.toml", "6"], ["/b.json", "1"]]


def test_what_cannot_be_read_is_told(tmp_path: Path, codecs: dict[str, Codec], monkeypatch: pytest.MonkeyPatch) -> None:
    """No file, an empty directory, bytes that are no text, and more bytes than anybody writes."""
    with pytest.raises(MappingFileError, match="is no file and no directory"):
        read_files(tmp_path / "none", codecs)
    with pytest.raises(MappingFileError, match=r"holds no \.toml and no \.json file"):
        read_files(tmp_path, codecs)
    path = tmp_path / "m.toml"
    path.write_bytes(b"# \n# \xff\n")
    assert mistakes(path, codecs) == ["2: not UTF-8"]
    monkeypatch.setattr(files, "LARGEST", 3)
    assert mistakes(path, codecs) == ["1: longer than 3 bytes"]


def test_an_answer_without_templates_is_held_against_the_contract_at_once(tmp_path: Path, codecs: dict[str, Codec]) -> None:
    """Also what only the schema knows, such as a form."""
    text = HEAD + '[mapping.response.fields]\nResultInfo = [{ ProductID = "P1", OPResult = "0", EffDate = "tomorrow" }]\n'
    (mistake,) = mistakes(written(tmp_path, text), codecs)
    assert mistake.startswith("5: response.fields.ResultInfo.EffDate: expected the form ")
