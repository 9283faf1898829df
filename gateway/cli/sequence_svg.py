"""Draws a sequence diagram as SVG: parties as columns, messages as numbered arrows, own acts as loops. Knows nothing of flows.

The same lines give the same bytes. Text widths are estimated (a Chinese character is as wide as its font is high), so labels stand
in rows of their own, where nothing can run into them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape


class Style(StrEnum):
    """How a line looks."""

    MESSAGE = "message"
    RESULT = "result"
    """Dashed."""
    OUTSIDE = "outside"
    """Grey."""
    OURS = "ours"
    """Of another colour."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A party; `strong` ones stand out."""

    key: str
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row: an arrow from one lane to another, or a loop at one; lines of one group stand on one band."""

    number: str
    text: str
    sender: str
    receiver: str
    group: str
    style: Style = Style.MESSAGE


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that a diagram shows; `legend` explains the styles that occur."""

    title: str
    lanes: Sequence[Lane]
    lines: Sequence[Line]
    legend: Sequence[tuple[Style, str]]


WIDTH = 1000
_LEFT, _RIGHT = 112, 78
"""Room beside the outer lanes: for the groups' names and half a label."""
_WIDEST_GAP = 190
_TOP, _HEAD, _ROW = 44, 42, 38
"""Heights: of the title, of the lanes' heads, of a row."""
_SIZE = 12.5
"""Of most text, in px."""
_STROKE = {Style.MESSAGE: "#1f2937", Style.RESULT: "#1f2937", Style.OUTSIDE: "#9aa1ab", Style.OURS: "#6d28d9"}
_INK = {Style.MESSAGE: "#111827", Style.RESULT: "#111827", Style.OUTSIDE: "#6b7280", Style.OURS: "#5b21b6"}
_PAPER, _BAND = "#ffffff", "#f3f5f8"
_LINE_GREY, _TEXT_GREY = "#c5cad3", "#4b5563"
_FONT = (
    "'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)


def draw(drawing: Drawing) -> str:
    """Give the diagram as an SVG document with a background of its own, at most 1000 px wide."""
    gap = min(_WIDEST_GAP, (WIDTH - _LEFT - _RIGHT) / max(1, len(drawing.lanes) - 1))
    at = {lane.key: round(_LEFT + place * gap, 1) for place, lane in enumerate(drawing.lanes)}
    width = round(_LEFT + (len(drawing.lanes) - 1) * gap + _RIGHT)
    end = _TOP + _HEAD + 10 + _ROW * len(drawing.lines)
    legend = list(_legend(drawing, end + 26, width))
    height = end + 16 + 20 * (1 + max((row for row, _ in legend), default=0))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' font-family="{_FONT}" font-size="{_SIZE}">',
        f"<title>{escape(drawing.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        _text(16, 27, drawing.title, size=15, weight="bold", ink="#111827"),
        *_bands(drawing.lines, width),
        *(f'<path d="M{at[lane.key]} {_TOP + _HEAD}V{end}" stroke="{_LINE_GREY}"/>' for lane in drawing.lanes),
        *(part for lane in drawing.lanes for part in _head(lane, at[lane.key], gap)),
        *(part for place, line in enumerate(drawing.lines) for part in _line(line, place, at, width, drawing.lines)),
        *(part for _, part in legend),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def width_of(text: str, size: float = _SIZE) -> float:
    """Estimate the width of a text in px, rather too wide than too narrow."""
    return sum(_share(character) for character in text) * size


def _share(character: str) -> float:
    if character >= "\u2e80":
        return 1.0
    if character in "iljtf.,:;'()[]| ":
        return 0.36
    return 0.72 if character.isupper() or character in "mw" else 0.58


def _bands(lines: Sequence[Line], width: int) -> Iterator[str]:
    """Stand the rows of each group on one band, with the group's name at its left end."""
    start = 0
    for count, group in enumerate(dict.fromkeys(line.group for line in lines)):
        size = sum(line.group == group for line in lines)
        top = _TOP + _HEAD + 10 + start * _ROW
        if count % 2 == 0:
            yield f'<rect x="8" y="{top}" width="{width - 16}" height="{size * _ROW}" rx="4" fill="{_BAND}"/>'
        yield _text(18, top + 24, group, size=13, weight="bold", ink=_TEXT_GREY)
        start += size


def _head(lane: Lane, x: float, gap: float) -> Iterator[str]:
    fill, stroke = ("#e3eefb", "#1f5fa8") if lane.strong else ("#ffffff", "#44546a")
    words = _wrapped(lane.label, gap - 16)
    box = min(gap - 8, max(72.0, max(width_of(word) for word in words) + 18))
    yield (
        f'<rect x="{x - box / 2:.1f}" y="{_TOP}" width="{box:.1f}" height="{_HEAD - 4}" rx="5" fill="{fill}" stroke="{stroke}"'
        f' stroke-width="{1.6 if lane.strong else 1.1}"/>'
    )
    for place, word in enumerate(words):
        y = _TOP + 23.5 - (len(words) - 1) * 7.5 + place * 15
        yield _text(x, y, word, weight="bold", ink="#111827", anchor="middle")


def _wrapped(label: str, room: float) -> list[str]:
    return [label] if width_of(label) <= room or " " not in label else label.split(" ", 1)


def _line(line: Line, place: int, at: dict[str, float], width: int, lines: Sequence[Line]) -> Iterator[str]:
    y = _TOP + _HEAD + 10 + place * _ROW + 27
    dashes = ' stroke-dasharray="6 4"' if line.style is Style.RESULT else ""
    stroke = f'stroke="{_STROKE[line.style]}" stroke-width="1.4"'
    wide = width_of(f"{line.number} {line.text}")
    paper = _BAND if _on_band(line, lines) else _PAPER
    x, to = at[line.sender], at[line.receiver]
    if line.sender == line.receiver:
        side = 1 if x + 38 + wide < width - 10 else -1
        yield f'<path d="M{x} {y - 12}h{side * 26}v15h{-side * 20}" fill="none" {stroke}/>'
        yield _tip(x, y + 3, -side, _STROKE[line.style])
        left = x + 34 if side > 0 else x - 34 - wide
        yield from _label(line, left, y, wide, paper, "start" if side > 0 else "end")
        return
    way = 1 if to > x else -1
    left = min(max((x + to) / 2 - wide / 2, 50.0), width - 12 - wide)
    yield from _label(line, left, y - 7, wide, paper)
    yield f'<path d="M{x} {y}H{to - way * 6:.1f}" {stroke}{dashes}/>'
    yield _tip(to, y, way, _STROKE[line.style])


def _on_band(line: Line, lines: Sequence[Line]) -> bool:
    return list(dict.fromkeys(other.group for other in lines)).index(line.group) % 2 == 0


def _tip(x: float, y: float, way: int, fill: str) -> str:
    """An arrow's head that touches its lane."""
    return f'<path d="M{x} {y}l{-way * 9} -4.5v9z" fill="{fill}"/>'


def _label(line: Line, left: float, y: float, wide: float, paper: str, anchor: str = "middle") -> Iterator[str]:
    """A label on a piece of paper, so that no lane runs through it."""
    x = left + {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    yield f'<rect x="{left - 3:.1f}" y="{y - 12.5:.1f}" width="{wide + 6:.1f}" height="16" fill="{paper}"/>'
    yield (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{_INK[line.style]}">'
        f'<tspan font-weight="bold">{escape(line.number)}</tspan> {escape(line.text)}</text>'
    )


def _legend(drawing: Drawing, y: float, width: int) -> Iterator[tuple[int, str]]:
    """Give each piece with its row; a piece that does not fit begins the next row."""
    x, row = 18.0, 0
    for style, text in drawing.legend:
        wide = 36 + width_of(text, 11.5)
        if x > 18 and x + wide > width - 12:
            x, row = 18.0, row + 1
        at = y + row * 20
        dashes = ' stroke-dasharray="6 4"' if style is Style.RESULT else ""
        yield row, f'<path d="M{x:.1f} {at - 4}h26" stroke="{_STROKE[style]}" stroke-width="1.4"{dashes}/>'
        yield row, _text(x + 32, at, text, size=11.5, ink=_INK[style])
        x += wide + 22


def _text(
    x: float, y: float, text: str, *, size: float = _SIZE, weight: str = "", ink: str = "", anchor: str = ""
) -> str:
    more = "".join(
        f' {name}="{value}"'
        for name, value in (("font-weight", weight), ("fill", ink), ("text-anchor", anchor))
        if value
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{more}>{escape(text)}</text>'
