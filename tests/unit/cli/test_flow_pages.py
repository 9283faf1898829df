"""docs/flows: made from the flows, fresh, and every link of it leads somewhere."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from gateway.cli.flow_check import Places, made
from gateway.cli.flow_pages import flow_file, ordered, pages
from gateway.cli.main import main
from gateway.flows.registry import SECTION_FLOW
from gateway.flows.seed import SEED
from gateway.resources import data_root

ROOT = data_root()
DOCS = ROOT / "docs" / "flows"
MATRIX = ROOT / "tests" / "e2e" / "matrix.toml"
PAGES = pages()
in_checkout = pytest.mark.skipif(not DOCS.is_dir(), reason="a wheel has no docs/")


@in_checkout
@pytest.mark.parametrize("name", made(Places(DOCS, MATRIX)))
def test_page_is_fresh(name):
    """docs/flows holds what the flows say; `vsopgw flows render` makes it so."""
    assert (DOCS / name).read_text(encoding="utf-8") == made(Places(DOCS, MATRIX))[name]


@in_checkout
def test_no_page_is_left_over():
    """What nothing makes any more is gone."""
    assert {path.name for path in DOCS.iterdir()} == set(made(Places(DOCS, MATRIX)))


@in_checkout
@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_links_lead_somewhere(name):
    """Each link of a page names a file that is there, or will be with the next `render`."""
    links = re.findall(r"\]\(([^)#]+)\)", PAGES[name])
    assert [link for link in links if link not in {*PAGES, "matrix.md"} and not (DOCS / link).resolve().exists()] == []


@pytest.mark.parametrize("section", SEED, ids=lambda s: s.id)
def test_page_has_the_seeds_words(section):
    """Each step stands on the page as the document has it, with every note and remark."""
    page = PAGES[f"{section.id}.md"]
    wanted = [step.zh for step in section.steps] + [
        text for r in (*section.notes, *section.remarks) for text in (r.zh, r.en)
    ]
    assert [text for text in wanted if text not in page] == []


def test_row_of_a_step():
    """Number, from, to, operation, mode, state change in both languages."""
    assert (
        "| 2f | provincial VSOP 省级VSOP | billing 计费系统 | `subsInstSynToHB` | N | billing: relation archived | 计费系统: 订购关系归档 |"
        in PAGES["4.1.1.md"].split("\n")
    )


def test_completed_step_says_so():
    """What the seed broke off is told apart from what was added."""
    assert "| 3 | IS … (补全: ISMP系统把处理结果反馈省级VSOP" in PAGES["4.1.4.md"]


def test_section_of_ours_says_so():
    """A section that the seed has not is not passed off as its."""
    assert "The seed has no such section" in PAGES["4.1.md"]


def test_index_has_every_section():
    """In the seed's order, ours last, each with its flow."""
    found = re.findall(r"^\| \[([^\]]+)\]\(.*\[`(.+)`\]", PAGES["README.md"], re.MULTILINE)
    assert found == [(section.id, SECTION_FLOW[section.id]) for section in ordered()]


def test_flow_file():
    """A flow is found by the module that it stands in."""
    assert flow_file("order-x/1") == "gateway/flows/order_x.py"


def test_render(tmp_path):
    """The command writes every page, into a directory that it makes if there is none."""
    ended = CliRunner().invoke(main, ["flows", "render", str(tmp_path / "flows")])
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "flows").iterdir()}
    assert (ended.exit_code, {name: written[name] for name in PAGES}) == (0, PAGES)
