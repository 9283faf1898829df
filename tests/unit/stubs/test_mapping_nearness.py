"""Verification: requests counted by a pattern, and what came near where none was as asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from stub_rig import Rig

from gateway.contract import Codec


@pytest.fixture
def rig(root: Path, codecs: dict[str, Codec], scene: Any) -> Rig:
    """A set that was asked for three balances, and for one order."""
    made = Rig(root, codecs, roles=("ocs", "xplatform", "portal"))
    line = made.line()
    for number in ("18907910001", "18907910002", "079112345678"):
        line.send("POST", "/services/ocs", made.envelope("ocs", "feeCheck", scene.request("feeCheck", ProductNo=number)))
        assert line.answer()[0] == 200
    line.send("POST", "/services/xplatform", made.envelope("xplatform", "serverAction", scene.request("serverAction")))
    assert line.answer()[0] == 200
    made.api("POST", "act/portal/order", {"number": "18907910001", "offer": "F1", "confirm": False})
    return made


@pytest.mark.parametrize(
    ("pattern", "seqs"),
    [
        ({}, [1, 2, 3, 4]),
        ({"role": "ocs"}, [1, 2, 3]),
        ({"operation": "serverAction"}, [4]),
        ({"role": "ocs", "fields": {"ProductNo": {"matches": "189.*"}}}, [1, 2]),
        ({"fields": {"VProductInfo[0].VProductID": "P1"}}, [4]),
        ({"bodyPatterns": [{"matchesXPath": "//m:ProductNo[.='18907910002']", "xPathNamespaces": {"m": "urn:vas:ocs:v1"}}]}, [2]),
        ({"role": "ocs", "bodyPatterns": [{"matchesXPath": "//m:ProductNo[starts-with(., '0')]"}]}, [3]),
        ({"direction": "out"}, []),
    ],
)
def test_requests_are_found_by_a_pattern(rig: Rig, pattern: dict[str, Any], seqs: list[int]) -> None:
    """On fields or XPath; what a user did is no request. Counted, they are as many."""
    found = [entry["seq"] for entry in rig.api("POST", "requests/find", pattern)[1]["requests"]]
    assert (found, rig.api("POST", "requests/count", pattern)[1]["count"]) == (seqs, len(seqs))


def test_what_a_role_sent_is_found_too(rig: Rig, scene: Any) -> None:
    """With direction out, by the contract of the one it was sent to."""
    rig.api("POST", "settings", {"xplatform.mode": "callback", "gateway": "http://127.0.0.1:1"})
    line = rig.line()
    line.send("POST", "/services/xplatform", rig.envelope("xplatform", "serverAction", scene.request("serverAction", OrderId="O-7")))
    rig.reactor.pump([0.1] * 5)
    pattern = {"direction": "out", "role": "xplatform", "operation": "serverActionResult", "fields": {"OrderId": "O-7"}}
    assert rig.api("POST", "requests/count", pattern)[1]["count"] > 0


def test_the_nearest_requests_come_first(rig: Rig) -> None:
    """With field, expected, actual and distance; a request of another operation is far."""
    pattern = {"role": "ocs", "operation": "feeCheck", "fields": {"ProductNo": "18907910003", "ContentType": "2"}}
    misses = rig.api("POST", "near-misses/request-pattern", pattern)[1]["nearMisses"]
    (difference,) = misses[0]["differences"]
    assert [miss["request"]["seq"] for miss in misses] == [2, 1, 3]
    assert (difference["field"], difference["expected"], difference["actual"]) == ("ProductNo", "equalTo 18907910003", "18907910002")
    assert misses[0]["distance"] < misses[2]["distance"]


def test_what_is_as_asked_is_no_near_miss(rig: Rig) -> None:
    """Only what is not."""
    misses = rig.api("POST", "near-misses/request-pattern", {"role": "ocs", "fields": {"ProductNo": "18907910001"}})[1]["nearMisses"]
    assert 1 not in [miss["request"]["seq"] for miss in misses]


def test_xpath_is_told_as_it_was_written(rig: Rig) -> None:
    """With what it found."""
    asked = {"role": "ocs", "bodyPatterns": [{"matchesXPath": {"expression": "string(//m:ContentType)", "equalTo": "3"}}]}
    miss = rig.api("POST", "near-misses/request-pattern", asked)[1]["nearMisses"][0]
    assert miss["differences"] == [{"field": "string(//m:ContentType)", "expected": "equalTo 3", "actual": "2", "distance": 1.0}]


MAPPINGS = (
    {"id": "near", "request": {"fields": {"ProductNo": "18907910009"}}},
    {"id": "far", "request": {"fields": {"ProductNo": {"absent": True}, "SystemId": "999"}}},
    {"id": "later", "scenarioName": "S", "requiredScenarioState": "later", "request": {"fields": {"ProductNo": "18907910001"}}},
)


@pytest.fixture
def mapped(rig: Rig) -> Rig:
    for mapping in MAPPINGS:
        assert rig.api("POST", "mappings", {"role": "ocs", "operation": "feeCheck", "response": {"resultCode": 0}, **mapping})[0] == 201
    return rig


def test_the_nearest_mappings_to_a_request(mapped: Rig) -> None:
    """Of the journal, or written down; the state of a scenario is one of the things that differ."""
    by_number = mapped.api("POST", "near-misses/request", {"seq": 1})[1]["nearMisses"]
    fields = {**mapped.api("GET", "journal")[1]["entries"][0]["fields"]}
    written = mapped.api("POST", "near-misses/request", {"role": "ocs", "operation": "feeCheck", "fields": fields})[1]["nearMisses"]
    assert by_number == written
    assert [miss["mapping"]["id"] for miss in by_number] == ["near", "later", "far"]
    assert [one["field"] for miss in by_number for one in miss["differences"]] == ["ProductNo", "scenario S", "ProductNo", "SystemId"]


def test_requests_that_no_mapping_answered(mapped: Rig, scene: Any) -> None:
    """With the nearest mappings of each."""
    line = mapped.line()
    line.send("POST", "/services/ocs", mapped.envelope("ocs", "feeCheck", scene.request("feeCheck", ProductNo="18907910009")))
    assert line.answer()[0] == 200
    unmatched = mapped.api("GET", "requests/unmatched")[1]["requests"]
    near = mapped.api("GET", "requests/unmatched/near-misses")[1]["nearMisses"]
    assert [entry["seq"] for entry in unmatched] == [one["request"]["seq"] for one in near] == [1, 2, 3, 4]
    assert [one["nearest"][0]["mapping"]["id"] for one in near[:3]] == ["near", "near", "near"]
