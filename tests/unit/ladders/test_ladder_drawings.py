"""A ladder as SVG and Mermaid: columns in the order of the document, folded pauses, and text of partners that stays text."""

from __future__ import annotations

from gateway.ladders import mermaid, svg
from gateway.ladders.shape import shape

TIME = "2026-11-23T{}.000+08:00"


def arrow(number, sender, receiver, text, at, state="done", **more):
    return {
        "number": number, "sender": sender, "receiver": receiver, "text": text, "at": TIME.format(at), "state": state, "code": 0,
        "attempts": 1, "note": "", "streaming_no": "",
    } | more  # fmt: skip


def leg(*arrows):
    return {
        "order_id": "o1", "trace_id": "o1", "section": "4.1.1", "action": "subscribe", "channel": "211", "channel_order_id": "c1",
        "streaming_no": "s1", "number": "189****0001", "prepaid": False, "place": "vsop:15", "state": "10A", "code": 0, "run": "waiting",
        "arrows": list(arrows),
    }  # fmt: skip


HOSTILE = '</text><script>alert(1)</script>"\u202e;#'
WAITING = arrow(
    "2c", "vsop:15", "xplatform:303", "serverAction", "03:07:00", "waiting", attempts=4, note="no reply in 15 s; attempt 3, next 03:07:40"
)
CASE = leg(arrow("2a", "channel:211", "vsop:15", "subscribeToVSOP", "03:00:00"), WAITING)


def test_parties_stand_in_the_documents_order():
    """From the user over the channel and VSOP to the platform."""
    assert [key for key, _ in shape([CASE], "en").columns] == ["user", "channel:211", "vsop:15", "xplatform:303"]


def test_pause_is_folded():
    """Seven minutes in which nothing happened are one line that says so."""
    assert [step.idle for step in shape([CASE], "en").steps] == ["", "", "7 min"]


def test_short_pause_is_not():
    """Steps that follow one another within half a minute stand close together."""
    close = leg(CASE["arrows"][0], WAITING | {"at": TIME.format("03:00:20")})
    assert [step.idle for step in shape([close], "en").steps] == ["", "", ""]


def test_waiting_arrow_says_for_what():
    """It tells why, which attempt it was, and when the next one is."""
    assert shape([CASE], "en").steps[-1].result == "waiting, no reply in 15 s; attempt 3, next 03:07:40"


def test_text_of_partners_stays_text():
    """No markup of theirs reaches the drawing, and no mark that turns the direction."""
    drawn = svg.draw(shape([leg(WAITING | {"note": HOSTILE, "text": HOSTILE})], "en"), HOSTILE)
    assert [bad for bad in ("<script", "\u202e") if bad in drawn] == []


def test_mermaid_reads_no_command_in_text():
    """A semicolon or hash of theirs ends no line of the diagram."""
    told = shape([leg(WAITING | {"note": HOSTILE, "text": HOSTILE})], "en")
    lines = mermaid.write(told, "title").splitlines()
    assert (len(lines), "<script" in "".join(lines)) == (2 + len(told.columns) + len(told.steps), False)


def test_each_step_leads_to_its_place():
    """With links an arrow is one for the keyboard too."""
    assert svg.draw(shape([CASE], "en"), "t", links=True).count('<a href="#step-') == len(shape([CASE], "en").steps)
