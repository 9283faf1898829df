"""Metrics of gateways that have traffic: alert rules and dashboard name only what a scrape has, and no number is in it."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import pytest
from acts import until
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/vsop.json"
SERVER_LABELS = {"instance", "job"}
"""Prometheus adds them to what it scrapes."""
SERVER_METRICS = {"up"}
WORDS = {"sum", "max", "by", "rate", "increase", "histogram_quantile"}
"""Of PromQL, as far as it is used here: another one must be added before it can be read."""


def rules() -> dict[str, str]:
    """Expressions of the alert rules by name; one line each, in single quotes."""
    text = ALERTS.read_text(encoding="utf-8")
    found = dict(re.findall(r"- alert: (\w+)\n +expr: '([^'\n]+)'\n", text))
    assert len(found) == text.count("alert:") == text.count("expr:")
    return found


def panels() -> dict[str, str]:
    """Expressions of the dashboard by title."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return {panel["title"]: target["expr"] for panel in board["panels"] for target in panel["targets"]}


def named(expression: str) -> tuple[set[str], set[str]]:
    """Give the metrics that a PromQL expression names, and the labels."""
    labels = {label for match in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r'(\w+)\s*[=!]~?=?\s*"', match)}
    labels |= {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in group.split(",")}
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)", " ", expression)
    return {word for word in re.findall(r"[a-z_]\w*", bare) if word not in WORDS}, labels - SERVER_LABELS


def scrape(lab, name) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{lab.admin_ports[name]}/metrics", timeout=10) as answer:
        return answer.read().decode()


def counted(text: str, name: str, **labels: str) -> float:
    """Sum of the samples of a name that bear these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@pytest.fixture(scope="module")
def number(fresh_number):
    return fresh_number()


@pytest.fixture(scope="module")
def scraped(lab, number):
    """The page of Jiangxi after an order of a national product that has ended, and a message that was refused."""
    lab.play(lab.player.order("4.1.3", lab.player.doors["jiangxi"], number, "135000000000000000301"))
    client = lab.client("jiangxi")
    request = lab.request(number, "135000000000000000301") | {"ProductOfferInfo": [{"ProductOfferType": "0", "ProductOfferID": "1"}]}
    client.service.subscribeToVSOP(**request)
    until(lambda: counted(scrape(lab, "jiangxi"), "vsopgw_orders_ended_total", result="success") >= 1, True)
    until(lambda: counted(scrape(lab, "jiangxi"), "vsopgw_loop_lag_seconds_count") >= 1, True)
    return scrape(lab, "jiangxi")


@pytest.fixture(scope="module")
def known(scraped):
    """Labels by name of a sample; families that have no sample yet know theirs from the code's own tables."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(scraped):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    # Nothing was answered by a fault or above a quota: the families stand there without a sample.
    for name, labels in {
        "vsopgw_faults": {"contract", "code"}, "vsopgw_quota_excess": {"partner"},
    }.items():  # fmt: skip
        assert f"# TYPE {name}_total counter" in scraped
        found.setdefault(f"{name}_total", labels)
    return found


@pytest.mark.parametrize(("where", "expression"), [*rules().items(), *panels().items()])
def test_expression_names_what_a_scrape_has(known, where, expression):
    """Each metric exists, and bears each label that the expression asks for."""
    metrics, labels = named(expression)
    assert metrics
    assert metrics - SERVER_METRICS <= known.keys()
    assert all(labels <= known[metric] for metric in metrics - SERVER_METRICS)


def test_a_request_is_counted_by_its_labels(scraped):
    """Caller, contract, operation and kind of result of what the portal asked."""
    asked = {"partner": "211", "contract": "vsop", "operation": "subscribeToVSOP", "result": "success"}
    assert counted(scraped, "vsopgw_requests_seconds_count", **asked) >= 1


def test_a_call_is_counted_by_its_labels(scraped):
    """The fee check at OCS."""
    asked = {"partner": "ocs", "contract": "ocs", "operation": "feeCheck", "result": "success"}
    assert counted(scraped, "vsopgw_calls_seconds_count", **asked) >= 1


def test_an_order_is_counted_by_its_section(scraped):
    """It has begun, and it has ended well."""
    begun = counted(scraped, "vsopgw_orders_accepted_total", section="4.1.3")
    assert (begun >= 1, counted(scraped, "vsopgw_orders_ended_total", section="4.1.3", result="success") >= 1) == (True, True)


def test_commits_are_counted(scraped):
    """Groups of the journal, and how long each took."""
    groups = counted(scraped, "vsopgw_journal_group_commits_count")
    assert groups == counted(scraped, "vsopgw_journal_write_seconds_count") > 0


def test_no_number_is_in_a_scrape(scraped, number):
    """Nor anything else that looks like one: labels are ours."""
    labels = re.findall(r'"([^"]*)"', scraped)
    assert (number in scraped, [label for label in labels if re.search(r"[0-9]{7}", label)]) == (False, [])


def test_each_alert_has_its_page():
    """docs/alerts.md has a heading for each, by which the rule links to it."""
    headings = set(re.findall(r"^## (\w+)$", (ROOT / "docs/alerts.md").read_text(encoding="utf-8"), re.MULTILINE))
    links = re.findall(r"runbook: docs/alerts\.md#(\w+)", ALERTS.read_text(encoding="utf-8"))
    assert ({heading.lower() for heading in headings}, headings) == (set(links), set(rules()))
