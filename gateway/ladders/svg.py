"""Draws the shape of a ladder as SVG: parties as columns, steps as arrows. Colours are attributes, so that a saved file has them;
classes let a page's style put others in their place. Every text is escaped here."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from gateway.ladders.shape import Shape, Step
from gateway.ladders.showing import plain

_COLUMN, _SIDE, _HEAD, _ROW, _IDLE = 168, 84, 46, 46, 30
"""Sizes in px: between columns, beside the outer ones, the heads, a step, a folded pause."""
_ROOM = 340
"""Beside the last column: for what stands right of it."""
_COLOURS = {"done": "#1a7f4b", "refused": "#b3261e", "stuck": "#b3261e", "waiting": "#8a5a00", "under way": "#8a5a00", "outside": "#5b6570"}
_INK, _SOFT, _GREY = "#1c2024", "#5b6570", "#d9dde2"
_LONGEST = 46
"""Characters of a result beside its arrow; the whole text stands in the list of steps."""


def draw(shape: Shape, title: str, *, links: bool = False) -> str:
    """Give the SVG; with `links` each step leads to #step-N of its page."""
    width = 2 * _SIDE + _COLUMN * max(0, len(shape.columns) - 1) + _ROOM - _SIDE
    height = _HEAD + 16 + sum(_ROW + (_IDLE if step.idle else 0) for step in shape.steps) + 10
    at = {party: _SIDE + _COLUMN * place for place, (party, _) in enumerate(shape.columns)}
    return "".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="system-ui, sans-serif" font-size="12.5" role="img" aria-label="{_text(title)}"><title>{_text(title)}</title>',
        *_columns(shape, at, height),
        *_steps(shape, at, width, links=links),
        "</svg>",
    ])  # fmt: skip


def _width(text: str) -> int:
    """Estimate in px: a Chinese character is as wide as its font is high."""
    return sum(13 if "\u2e80" <= c <= "\uffef" else 7 for c in text)


def _text(text: str) -> str:
    return escape(plain(text))


def _columns(shape: Shape, at: dict[str, int], height: int) -> Iterator[str]:
    for party, named in shape.columns:
        x = at[party]
        yield f'<line class="rail" x1="{x}" y1="{_HEAD}" x2="{x}" y2="{height - 6}" stroke="{_GREY}" stroke-width="1.5"/>'
        yield f'<rect class="head" x="{x - 74}" y="8" width="148" height="30" rx="6" fill="#eef3f9" stroke="{_GREY}"/>'
        yield f'<text class="ink" x="{x}" y="28" text-anchor="middle" font-weight="600" fill="{_INK}">{_text(named)}</text>'


def _steps(shape: Shape, at: dict[str, int], width: int, *, links: bool) -> Iterator[str]:
    y = _HEAD + 16
    for step in shape.steps:
        if step.idle:
            yield f'<line class="rail" x1="8" x2="{width - 8}" y1="{y + 9}" y2="{y + 9}" stroke="{_GREY}" stroke-dasharray="2 6"/>'
            yield f'<text class="soft" x="14" y="{y + 5}" fill="{_SOFT}">⋯ {_text(step.idle)}</text>'
            y += _IDLE
        drawn = _step(step, at, y)
        yield f'<a href="#step-{step.place}" data-step="{step.place}">{drawn}</a>' if links else drawn
        y += _ROW


def _step(step: Step, at: dict[str, int], y: int) -> str:
    sender, receiver, line = at[step.sender], at[step.receiver], y + 24
    colour, kind = _COLOURS.get(step.state, _SOFT), step.state.replace(" ", "-")
    label = f"({step.number}) {step.text}"
    right = max(sender, receiver)
    if sender != receiver:  # what stands beside an arrow must not run into a label that is longer than its arrow
        right = max(right, min(sender, receiver) + _width(label))
    result = step.result if len(step.result) <= _LONGEST else step.result[: _LONGEST - 1] + "…"
    outcome = f'<text class="s-{kind}" x="{right + 12}" y="{line + 4}" fill="{colour}">{_text(result)}</text>'
    clock = f'<text class="soft" x="{right + 12}" y="{line - 11}" font-size="11" fill="{_SOFT}">{step.time}</text>'
    hover = f"<title>{_text(f'{label}: {step.result} {step.time}')}</title>"
    if sender == receiver:
        dot = f'<circle class="s-{kind}" cx="{sender}" cy="{line}" r="5" fill="{colour}"/>'
        text = f'<text class="ink" x="{sender - 12}" y="{line + 4}" text-anchor="end" fill="{_INK}">{_text(label)}</text>'
        return f"{hover}{dot}{text}{clock}{outcome}"
    way = 1 if receiver > sender else -1
    dash = ' stroke-dasharray="6 4"' if step.state in ("waiting", "under way", "outside") else ""
    tip = receiver - way * 2
    head = f"{tip},{line} {tip - way * 9},{line - 5} {tip - way * 9},{line + 5}"
    arrow = (
        f'<line class="l-{kind}" x1="{sender}" y1="{line}" x2="{tip - way * 8}" y2="{line}" stroke="{colour}" stroke-width="2"{dash}/>'
        f'<polygon class="s-{kind}" points="{head}" fill="{colour}"/>'
    )
    middle = min(sender, receiver) + 10
    text = f'<text class="ink" x="{middle}" y="{line - 6}" fill="{_INK}">{_text(label)}</text>'
    return f"{hover}{arrow}{text}{clock}{outcome}"
