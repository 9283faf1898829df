"""docs/mappings.md is run as it stands there, in an empty directory, as docs/partners.md is."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from test_partner_story import Block, Story, blocks

pytestmark = pytest.mark.e2e
PAGE = (Path(__file__).parents[2] / "docs/mappings.md").read_text(encoding="utf-8")
BLOCKS = [block for block in blocks(PAGE) if block.kind != "toml" or block.text.startswith("# file: ")]
"""A fragment of a file stands for itself."""


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The page's directory; what it started ends with exit 0."""
    story = Story(tmp_path_factory.mktemp("mappings"))
    try:
        yield story
    finally:
        codes = story.end()
    assert set(codes) == {0}


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{number:02d} {block}" for number, block in zip(itertools.count(1), BLOCKS, strict=False)])
def test_mappings_page_is_true(story, block: Block) -> None:
    """A command of the page does what the page says; the blocks build on each other."""
    story.play(block)
