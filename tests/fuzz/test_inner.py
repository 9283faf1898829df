"""The inner readers: number plans, numbers, and JSON for the admin API."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

import pytest
from budget import budget
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.loading import ConfigMistakes
from gateway.config.number_plan import read_number_plan
from gateway.domain.numbers import Number

pytestmark = pytest.mark.e2e

keys = st.one_of(st.text(max_size=12), st.from_regex(r"1[0-9]{6}", fullmatch=True), st.from_regex(r"0[0-9]{2,3}", fullmatch=True))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.sampled_from(["15", "99"]))
documents = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4))
tables = st.dictionaries(st.sampled_from(["mobile", "fixed", "ported", "x"]), st.dictionaries(keys, scalars, max_size=4), max_size=3)


def toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("plan") / "numbers.toml"


@budget(150)
@given(tables)
def test_number_plan_is_read_or_its_mistakes_are_told(plan: Path, content: dict[str, dict[str, object]]) -> None:
    """Any table is a plan, or a list of mistakes with file and line."""
    lines = [f"[{name}]\n" + "".join(f"{toml(key)} = {toml(value)}\n" for key, value in table.items()) for name, table in content.items()]
    plan.write_text("\n".join(lines), encoding="utf-8")
    try:
        read_number_plan(plan)
    except ConfigMistakes as mistakes:
        assert str(plan.name) in str(mistakes)  # noqa: PT017  either of two ends is right


@budget(150)
@given(st.text(max_size=200))
def test_number_plan_of_any_text(plan: Path, text: str) -> None:
    """Text that is no TOML is a mistake too."""
    plan.write_text(text, encoding="utf-8", errors="replace")
    try:
        read_number_plan(plan)
    except ConfigMistakes as mistakes:
        assert str(plan.name) in str(mistakes)  # noqa: PT017


@budget(300)
@given(st.text(max_size=20) | st.from_regex(r"(\+?86)?(1[0-9]{10}|0[0-9]{9,11})", fullmatch=True))
def test_number_is_parsed_or_refused(text: str) -> None:
    """Number.parse raises ValueError alone, and what it takes reads back as the same number."""
    try:
        number = Number.parse(text)
    except ValueError:
        return
    assert Number.parse(number.digits) == number


PATHS = ["catalogue", "subscribers", "fallout/1/resume", "partners/ocs/suspend", "ppm/applications/1/audit", "recon/repair", "nothing"]


@budget(200)
@given(st.sampled_from(PATHS), documents.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_admin_api_refuses_what_it_does_not_know(lab, path: str, body: bytes) -> None:
    """Any body at any path: a 2xx or 4xx with JSON and a reason, never a 5xx."""
    token = (lab.directory / "jiangxi/admin.token").read_text().strip()
    line = http.client.HTTPConnection("127.0.0.1", lab.admin_ports["jiangxi"], timeout=10)
    try:
        line.request("POST", f"/v1/{path}", body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        answer = line.getresponse()
        told = json.loads(answer.read())
    finally:
        line.close()
    assert answer.status < 500, (path, body, told)
    assert answer.status < 300 or told["error"]
