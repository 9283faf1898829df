"""Changes to the text of messages: each does what it says and nothing else."""

from __future__ import annotations

import pytest
from lxml import etree

from stubs.partnerkit.damage import otherwise_written, swapped, with_content, with_more, without

NUMBER, TIME = "<t:StreamingNo>1</t:StreamingNo>", "<t:TimeStamp>2</t:TimeStamp>"
MESSAGE = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="urn:s" xmlns:m="urn:m" xmlns:t="urn:t"><s:Body><m:act>'
    f"{NUMBER}{TIME}<t:SystemId>3</t:SystemId></m:act></s:Body></s:Envelope>"
)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        (without(MESSAGE, "SystemId"), MESSAGE.replace("<t:SystemId>3</t:SystemId>", "")),
        (with_content(MESSAGE, "SystemId", "&#51;"), MESSAGE.replace(">3<", ">&#51;<")),
        (with_more(MESSAGE, "act", "<{p}New>4</{p}New>"), MESSAGE.replace("</m:act>", "<t:New>4</t:New></m:act>")),
        (swapped(MESSAGE, "StreamingNo", "TimeStamp"), MESSAGE.replace(NUMBER + TIME, TIME + NUMBER)),
    ],
    ids=["without", "with-content", "with-more", "swapped"],
)  # fmt: skip
def test_damage(changed, wanted):
    """Only what is named changes."""
    assert changed == wanted


def test_otherwise_written_is_the_same_message():
    """Other prefixes, line breaks and comments: the canonical elements and texts are the same."""

    def told(text: str) -> list[tuple[str, str]]:
        root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True))
        return [(str(one.tag), (one.text or "").strip()) for one in root.iter()]

    changed = otherwise_written(MESSAGE)
    assert (told(changed), "<t:" in changed) == (told(MESSAGE), False)
