"""Writes the shape of a ladder as a Mermaid sequence diagram, for tickets and wikis. Text is made harmless to Mermaid's grammar."""

from __future__ import annotations

from gateway.ladders.shape import Shape
from gateway.ladders.showing import plain


def write(shape: Shape, title: str) -> str:
    """Give the diagram's text."""
    keys = {party: f"p{place}" for place, (party, _) in enumerate(shape.columns)}
    lines = ["sequenceDiagram", f"    title {_text(title)}"]
    lines += [f"    participant {keys[party]} as {_text(named)}" for party, named in shape.columns]
    for step in shape.steps:
        if step.idle:
            lines.append(f"    Note over {keys[shape.columns[0][0]]}: {_text(step.idle)}")
        arrow = "-x" if step.state in ("refused", "stuck") else "--)" if step.state in ("waiting", "under way", "outside") else "->>"
        told = _text(f"({step.number}) {step.text} · {step.result} {step.time}".strip())
        lines.append(f"    {keys[step.sender]}{arrow}{keys[step.receiver]}: {told}")
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """Write what Mermaid would read as its own as its number: hash, semicolon, angle brackets."""
    return "".join(f"#{ord(c)};" if c in "#;<>{}%" else c for c in plain(" ".join(text.split())))
