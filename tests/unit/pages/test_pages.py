"""Pages about contracts: nothing is missing, every link leads somewhere, nothing comes from outside."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from gateway.errors import RESULTS
from gateway.pages.painting import painted
from gateway.pages.site import site
from gateway.pages.words import Both, codes, parties, split
from gateway.resources import contracts_dir, data_root
from gateway.samples import interfaces
from gateway.vocabulary import CHINA

NOW = datetime(2027, 3, 1, 8, 30, 15, tzinfo=CHINA)
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><title>drawn</title></svg>'


class Seen(HTMLParser):
    """Ids, links and sources of a page, and tags that were not closed."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.sources += [value for name, value in attrs if (name == "src" or (name == "href" and tag == "link"))]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return site(data_root(), NOW, {f"4.1.1.{language}.svg": DRAWING for language in ("zh", "en")})


@pytest.fixture(scope="module")
def seen(pages) -> dict[str, Seen]:
    return {name: Seen(text) for name, text in pages.items() if name.endswith(".html")}


def test_every_operation_has_its_place(seen):
    """Each operation of each contract is a section of the contract's page, with its samples in all forms."""
    for contract, operation in interfaces(contracts_dir()):
        ids = seen[f"{contract}.html"].ids
        assert {operation, *(f"p-{operation}-{form}" for form in ("xml", "curl", "zeep", "soapui", "answer", "whole"))} <= set(ids)


def test_every_result_code_has_its_line(seen):
    """Each code can be linked to."""
    assert {f"c{code}" for code in RESULTS} <= set(seen["results.html"].ids)


def test_tags_are_closed_and_ids_are_unique(seen):
    """A page is whole HTML."""
    assert [(name, page.open) for name, page in seen.items() if page.open] == []
    assert [name for name, page in seen.items() if len(set(page.ids)) != len(page.ids)] == []


def test_links_lead_to_pages_of_the_site(seen):
    """Every link is to a page and a place that exist."""
    missing = []
    for name, page in seen.items():
        for link in page.links:
            target, _, place = link.partition("#")
            there = seen.get(target or name)
            if there is None or (place and place not in there.ids):
                missing.append((name, link))
    assert missing == []


def test_nothing_comes_from_outside(pages, seen):
    """Scripts and styles are files of the site: it works without a network."""
    assert {source for page in seen.values() for source in page.sources} == {"style.css", "app.js", "search.js", "data:,"}
    assert [name for name in ("style.css", "app.js") if re.search(r"https?://|@import|url\(", pages[name])] == []


def test_steps_link_to_the_flows_that_are_drawn(seen, pages):
    """A step of a section with a drawing is a link; one without is text."""
    links = seen["vsop.html"].links
    assert ("flow-4.1.1.html" in links, "flow-4.1.2.html" in links, DRAWING in pages["flow-4.1.1.html"]) == (True, False, True)


def test_numbers_hold_the_stamp_that_the_script_replaces(pages):
    """The page says which time stands in its samples, so that they can be made fresh in the browser."""
    assert 'data-stamp="20270301083015"' in pages["ocs.html"]
    assert "20270301083015" in re.search(r"StreamingNo</b>.*?</span>(\d+)", pages["ocs.html"])[1]


def test_meaning_of_codes_is_in_both_languages(pages):
    """The values of an enumeration are listed with what they mean."""
    assert '<li><code>3</code> <span lang="zh">暂停</span><span lang="en">suspend</span></li>' in pages["vsop.html"]


CODES = [
    ("0 增加 add, 1 取消 cancel.", "01", {"0": Both("增加", "add"), "1": Both("取消", "cancel")}),
    ("付费类型: 0 后付费 postpaid, 1 预付费 prepaid.", "01", {"0": Both("后付费", "postpaid"), "1": Both("预付费", "prepaid")}),
    ("10 新装 new, 20 13 and 14.", ("10", "20"), {"10": Both("新装", "new"), "20": Both("13 and 14", "13 and 14")}),
    ("nothing is said.", "0", {"0": Both("", "")}),
]


@pytest.mark.parametrize(("text", "values", "expected"), CODES)
def test_codes_are_taken_out_of_the_words(text, values, expected):
    """A documentation of the schema tells what each value means."""
    assert codes(text, values) == expected


def test_every_enumeration_of_the_contracts_is_explained(pages):
    """No value of any contract stands without a meaning."""
    empty = [name for name, text in pages.items() if re.search(r"<li><code>[^<]*</code>\s*</li>", text)]
    assert empty == []


def test_words_are_split_by_language():
    """A Chinese name before a colon is the Chinese text; a colon inside a sentence is none."""
    assert split("流水号: a number.") == Both("流水号", "a number.")
    assert split("one order: 增值") == Both("one order: 增值", "one order: 增值")
    assert parties("provincial VSOP, X platform").zh == "省级VSOP, X平台"


def test_painting_escapes():
    """Marked-up samples hold no tag but ours."""
    assert painted("<a b=\"1\">x & y</a>'<") == (
        '<span class="x">&lt;<b>a</b><i> b=&#34;1&#34;</i>&gt;</span>x &amp; y<span class="x">&lt;/<b>a</b><i></i>&gt;</span>&#39;&lt;'
    )
