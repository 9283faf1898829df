"""Colours for samples: XML tags and values as marked-up HTML, everything escaped. Must not know what a message means."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_TAG = re.compile(r"(</?)([\w:.-]+)((?:\s+[\w:.-]+=\"[^\"]*\")*)(\s*/?>)")


def painted(text: str) -> Markup:
    """Mark the tags in a text that holds XML; all other text stays as it is."""
    made: list[Markup] = []
    last = 0
    for found in _TAG.finditer(text):
        opening, name, attributes, closing = (escape(part) for part in found.groups())
        made.append(escape(text[last : found.start()]))
        tag = Markup('<span class="x">{}<b>{}</b><i>{}</i>{}</span>').format(opening, name, attributes, closing)
        made.append(tag)
        last = found.end()
    return Markup("").join([*made, escape(text[last:])])
