"""`vsopgw route explain`: every gateway is asked, every rule is a line, and the exit code says whether there is a way."""

from __future__ import annotations

import msgspec
import pytest
from click.testing import CliRunner
from shelf import catalogue, national, product

from gateway.cli import route
from gateway.cli.errors import Unreachable
from gateway.cli.main import main
from gateway.domain.explaining import Outcome, Rule, explain
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.routing import Place, Route, Tier

PLAN = NumberPlan(mobile={"1890791": "15", "1890771": "21"})
SHOP = catalogue(product("X"), national("NX"))


class AnsweringGateway:
    """A gateway's admin API that explains, or nobody."""

    def __init__(self, name, here, *, down=False) -> None:
        self.name, self.here, self.down = name, here, down

    def get(self, path):
        if self.down:
            raise Unreachable(f"{self.name}: no answer")
        _, digits, product_id = path.split("/")
        found = explain(self.here, PLAN, SHOP, Number(digits), product_id, lambda address: True)
        way = found.end if isinstance(found.end, Route) else None
        return {
            "number": str(Number(digits)), "product": product_id, "rules": msgspec.to_builtins(found.tried), "code": found.result.code,
            "text": found.result.describe(), "section": way.section if way else "", "target": str(way.target) if way else "",
        }  # fmt: skip


GROUP = AnsweringGateway("group", Place(Tier.GROUP, "35"))
JIANGXI = AnsweringGateway("jiangxi", Place(Tier.PROVINCE, "15"))
GUANGXI = AnsweringGateway("guangxi", Place(Tier.PROVINCE, "21"))
NOBODY = AnsweringGateway("nobody", None, down=True)


@pytest.fixture
def explaining(monkeypatch):
    """Run the command against these gateways."""

    def command(*gateways, number="18907910001", product_id="X"):
        monkeypatch.setattr(route, "clients", lambda files: list(gateways))
        return CliRunner().invoke(main, ["route", "explain", "--number", number, "--product", product_id])

    return command


def test_lines_of_a_way(explaining):
    """A line for each rule with what came of it, in both languages; then the way."""
    ended = explaining(JIANGXI)
    assert (ended.exit_code, ended.stdout.splitlines()) == (
        0,
        [
            "jiangxi: 189****0001, X",
            "  not this 不适用  ported numbers 携号转网表",
            "  decides  决定  mobile segment 移动号段: 15 江西 Jiangxi",
            "  ok       通过  home of the number 号码归属: 本省 here",
            "  ok       通过  product 产品: X X",
            "  ok       通过  status 产品状态: normal",
            "  ok       通过  owner 属主: 200 VSOP",
            "  ok       通过  scope 范围: provincial, 15 江西 Jiangxi",
            "  ok       通过  platform 平台: 303",
            "  ok       通过  configured partner 对端配置: xplatform:303",
            "  ok       通过  section 流程章节: 4.1.1",
            "  decides  决定  next party 去向: xplatform:303",
            "  → xplatform:303 (4.1.1)",
        ],
    )


def test_line_of_a_refusal(explaining):
    """The rule that refuses is the last one, then the code."""
    ended = explaining(GUANGXI)
    assert (ended.exit_code, [line.split()[0] for line in ended.stdout.splitlines()[1:]]) == (
        1, ["not", "decides", "refuses", "[7002]"],
    )  # fmt: skip


def test_every_gateway_is_asked(explaining):
    """Each one is shown; one way is enough for success."""
    ended = explaining(GROUP, JIANGXI, GUANGXI)
    heads = [line for line in ended.stdout.splitlines() if not line.startswith(" ")]
    assert (ended.exit_code, heads) == (0, [f"{name}: 189****0001, X" for name in ("group", "jiangxi", "guangxi")])


@pytest.mark.parametrize(
    ("product_id", "number"), [("gone", "18907910001"), ("X", "13900000000"), ("X", "18907710001")]
)
def test_no_way_at_all(explaining, product_id, number):
    """Refused everywhere is exit 1."""
    assert explaining(GROUP, JIANGXI, GUANGXI, number=number, product_id=product_id).exit_code == 1


def test_gateway_that_is_down(explaining):
    """The others are shown, who is missing stands on standard error."""
    ended = explaining(NOBODY, JIANGXI)
    assert (ended.exit_code, ended.stderr) == (0, "nobody: no answer\n")


def test_all_gateways_are_down(explaining):
    """Nobody to ask is exit 3."""
    ended = explaining(NOBODY)
    assert (ended.exit_code, ended.stderr) == (3, "nobody: no answer\n")


@pytest.mark.parametrize(("number", "product_id"), [("42", "X"), ("18907910001", "")])
def test_what_cannot_be_asked(explaining, number, product_id):
    """A number of another form, or no product, is exit 2 before anybody is asked."""
    assert explaining(NOBODY, number=number, product_id=product_id).exit_code == 2


@pytest.mark.parametrize("number", ["18907910001", "8618907910001", "+8618907910001"])
def test_number_is_not_printed(explaining, number):
    """The output can be passed on: it holds the number masked only."""
    assert "18907910001" not in explaining(GROUP, JIANGXI, GUANGXI, number=number).output


def test_every_rule_has_its_words():
    """No rule and no outcome is without a name in both languages."""
    assert (set(route.RULES), set(route.OUTCOMES)) == (set(Rule), set(Outcome))
