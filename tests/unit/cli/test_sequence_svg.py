"""Sequence diagrams: every line of a drawing is there, arrows touch their lanes, nothing runs into anything."""

from __future__ import annotations

from itertools import pairwise

import pytest
from lxml import etree

from gateway.cli.flow_pages import drawing
from gateway.cli.sequence_svg import WIDTH, Drawing, Lane, Line, Style, draw, width_of
from gateway.flows.registry import SECTION_FLOW

SVG = "{http://www.w3.org/2000/svg}"
LANES = (Lane("a", "Alpha"), Lane("b", "贝塔", strong=True), Lane("c", "Gamma & <Co>"))


def made(*lines, legend=()):
    return Drawing("title", LANES, lines, legend)


def parsed(of):
    return etree.fromstring(draw(of).encode())


def texts(root):
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def lanes_of(root):
    """The x of each lane's line, left to right."""
    return [float(p.get("d")[1:].split()[0]) for p in root.iter(f"{SVG}path") if p.get("stroke") == "#c5cad3"]


def boxes(root):
    """Where labels stand: left, top, right, bottom of the paper behind each."""
    found = [r for r in root.iter(f"{SVG}rect") if r.get("height") == "16"]
    return [
        (float(r.get("x")), float(r.get("y")), float(r.get("x")) + float(r.get("width")), float(r.get("y")) + 16)
        for r in found
    ]


def test_text_is_escaped():
    """What is special in XML stays text."""
    assert "Gamma & <Co>" in texts(parsed(made(Line("1", "x", "a", "c", "1"))))


def test_line_is_labelled():
    """Number, then what is said."""
    assert "2a order & go" in texts(parsed(made(Line("2a", "order & go", "a", "b", "2"))))


@pytest.mark.parametrize(("sender", "receiver"), [("a", "c"), ("c", "a"), ("a", "b"), ("b", "b")])
def test_arrow_touches_its_lanes(sender, receiver):
    """It begins on the sender's lane, and its tip is on the receiver's."""
    root = parsed(made(Line("1", "x", sender, receiver, "1")))
    at = dict(zip("abc", lanes_of(root), strict=True))
    drawn = [p for p in root.iter(f"{SVG}path") if p.get("stroke") != "#c5cad3"]
    line, tip = (float(p.get("d")[1:].split()[0]) for p in drawn)
    assert (line, tip) == (at[sender], at[receiver])


def test_result_is_dashed():
    """An answer is told apart from what was asked."""
    dashed = [
        p
        for p in parsed(made(Line("1", "x", "a", "b", "1", Style.RESULT))).iter(f"{SVG}path")
        if p.get("stroke-dasharray")
    ]
    assert len(dashed) == 1


@pytest.mark.parametrize(("style", "ink"), [(Style.OUTSIDE, "#6b7280"), (Style.OURS, "#5b21b6")])
def test_style_has_a_colour(style, ink):
    """Steps between others are grey, steps of ours have a colour of their own."""
    assert f'fill="{ink}"' in draw(made(Line("1", "x", "a", "b", "1", style)))


def test_background_is_its_own():
    """It can be read on a dark page."""
    root = parsed(made(Line("1", "x", "a", "b", "1")))
    ground = next(root.iter(f"{SVG}rect"))
    assert (ground.get("width"), ground.get("height"), ground.get("fill")) == (
        root.get("width"),
        root.get("height"),
        "#ffffff",
    )


def test_groups_are_named_once():
    """Each group of lines has one band and one name."""
    shown = texts(
        parsed(
            made(Line("1", "x", "a", "b", "one"), Line("2a", "y", "a", "b", "two"), Line("2b", "z", "a", "b", "two"))
        )
    )
    assert (shown.count("one"), shown.count("two")) == (1, 1)


def test_legend_explains_the_styles():
    """What is given is shown."""
    assert "of others" in texts(parsed(made(Line("1", "x", "a", "b", "1"), legend=((Style.OUTSIDE, "of others"),))))


def test_same_drawing_same_bytes():
    """No time and no chance is in it."""
    lines = (Line("1", "x", "a", "b", "1"), Line("2", "y", "b", "b", "2"))
    assert draw(made(*lines)) == draw(made(*lines))


def test_chinese_is_wide():
    """A Chinese character takes as much room as two letters, or nearly."""
    assert width_of("订购") > 1.7 * width_of("ab")


ALL = [(section, language) for section in SECTION_FLOW for language in ("zh", "en")]


@pytest.mark.parametrize(("section", "language"), ALL)
def test_diagram_fits(section, language):
    """No wider than a page, and no label leaves it."""
    root = parsed(drawing(section, language))
    wide, found = float(root.get("width")), boxes(root)
    assert len(found) > 1
    assert (wide <= WIDTH, [b for b in found if b[0] < 40 or b[2] > wide - 8]) == (True, [])


@pytest.mark.parametrize(("section", "language"), ALL)
def test_labels_do_not_meet(section, language):
    """Each label has a place of its own."""
    found = sorted(boxes(parsed(drawing(section, language))), key=lambda b: b[1])
    assert len(found) > 1
    assert all(above[3] <= below[1] for above, below in pairwise(found))


@pytest.mark.parametrize("section", SECTION_FLOW)
def test_lanes_do_not_meet(section):
    """The heads of neighbours stand apart."""
    root = parsed(drawing(section, "en"))
    heads = [
        (float(r.get("x")), float(r.get("x")) + float(r.get("width")))
        for r in root.iter(f"{SVG}rect")
        if r.get("rx") == "5"
    ]
    assert len(heads) > 1
    assert all(left[1] < right[0] for left, right in pairwise(heads))


@pytest.mark.parametrize("section", SECTION_FLOW)
def test_words_of_one_language(section):
    """The English diagram has no Chinese in it."""
    shown = texts(parsed(drawing(section, "en")))
    assert len(shown) > 1
    assert [text for text in shown if any("\u4e00" <= c <= "\u9fff" for c in text)] == []
