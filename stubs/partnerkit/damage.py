"""Changes to the text of a message: what a case sends that no codec would write. Knows the forms that our own writers give."""

from __future__ import annotations

import re

from gateway.contract.schema import ComplexType, Field, Primitive


def without(text: str, name: str) -> str:
    """Take the first element of a name out."""
    return _element(name).sub("", text, count=1)


def with_content(text: str, name: str, content: str) -> str:
    """Put other content, as it is, into the first element of a name."""
    return _element(name).sub(lambda found: f"<{found[1]}{name}>{content}</{found[1]}{name}>", text, count=1)


def swapped(text: str, first: str, second: str) -> str:
    """Let two neighbours change places."""
    one, other = _element(first).search(text), _element(second).search(text)
    assert one is not None
    assert other is not None
    return text[: one.start()] + other[0] + text[one.end() : other.start()] + one[0] + text[other.end() :]


def with_more(text: str, operation: str, extra: str) -> str:
    """Put `extra` at the end of the operation's element; `{p}` in it becomes the prefix of the fields."""
    prefix = re.search(r"<(\w+:)StreamingNo>", text)
    found = re.search(rf"</(?:\w+:)?{operation}>", text)
    assert found is not None
    added = extra.replace("{p}", prefix[1] if prefix else "")
    return text[: found.start()] + added + text[found.start() :]


def otherwise_written(text: str) -> str:
    """Write the same message with other prefixes, line breaks and comments: to XML it is the same."""
    head, _, rest = text.partition("?>")
    rest = re.sub(r"(</?)(\w+):(\w+)", r"\1other-\2:\3", rest)
    rest = re.sub(r"xmlns:(\w+)=", r"xmlns:other-\1=", rest)
    rest = re.sub(r"><(?=other-)", ">\n  <", rest)
    return f"{head}?>\n<!-- kit -->{rest.replace('Body>', 'Body><!-- kit -->', 1)}"


def free_text(made: ComplexType, facets: dict[str, list[tuple[str, str]]]) -> Field | None:
    """Find a field of a request that may hold any text: no pattern, no list. `facets` by type name."""
    for each in made.fields:
        if each.complex_type is not None:
            found = free_text(each.complex_type, facets)
            if found is not None and each.minimum:
                return found
        elif each.minimum and each.primitive is Primitive.TEXT and not _is_bound(facets[each.type_name]):
            return each
    return None


def _is_bound(facets: list[tuple[str, str]]) -> bool:
    return bool({"pattern", "enumeration"} & {facet for facet, _ in facets})


def _element(name: str) -> re.Pattern[str]:
    return re.compile(rf"<((?:\w+:)?){name}>.*?</\1{name}>", re.DOTALL)
