"""README's table of flows: each section with its flow, its document and its tests; every link leads somewhere."""

from __future__ import annotations

import re

import pytest

from gateway.cli.flow_pages import flow_file, ordered
from gateway.flows.registry import SECTION_FLOW
from gateway.resources import data_root

ROOT = data_root()
README = ROOT / "README.md"
pytestmark = pytest.mark.skipif(not README.is_file(), reason="a wheel has no README")


def rows():
    """The cells of each row, by section."""
    table = README.read_text(encoding="utf-8").partition("## Which flow is where")[2].partition("\n## ")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n") if re.match(r"\| \d", line)
    ]
    return {cells[0]: cells for cells in found}


def links(text):
    return re.findall(r"\]\(([^)#]+)\)", text)


def test_every_section_has_its_row():
    """Those of the seed in its order, then ours."""
    assert list(rows()) == [section.id for section in ordered()]


@pytest.mark.parametrize("section", ordered(), ids=lambda s: s.id)
def test_row_names_what_the_code_says(section):
    """Title, flow module and document are the section's own."""
    _, title, flow, document, _ = rows()[section.id]
    assert (title, links(flow)[0], links(document)) == (
        section.title_en,
        flow_file(SECTION_FLOW[section.id]),
        [f"docs/flows/{section.id}.md"],
    )


@pytest.mark.parametrize("section", ordered(), ids=lambda s: s.id)
def test_row_has_tests(section):
    """A section of the seed has a test of its flow and one between real processes."""
    places = {link.split("/")[1] for link in links(rows()[section.id][4])}
    assert {"flows", "e2e"} - places == (set() if section.in_seed else {"e2e"})


@pytest.mark.parametrize("section", ordered(), ids=lambda s: s.id)
def test_links_of_a_row_lead_somewhere(section):
    """Whatever is linked is there."""
    assert [link for link in links(" ".join(rows()[section.id])) if not (ROOT / link).is_file()] == []
