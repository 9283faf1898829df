"""The pages of docs/flows: for each section the seed's text, the table of its steps and two sequence diagrams, drawn from the flows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import getsourcefile
from pathlib import Path

from gateway.cli.flow_walk import Mode, Row, Walk, party_names, walk
from gateway.cli.flow_words import Words
from gateway.cli.sequence_svg import Drawing, Lane, Line, Style, draw
from gateway.flows.registry import FLOWS, SECTION_FLOW
from gateway.flows.sections import OURS, SECTIONS, Section
from gateway.flows.seed import SEED_SECTIONS, Remark, SeedSection, SeedStep

MATRIX = "matrix.md"
_ROOT = "../.."
"""The repository, seen from docs/flows."""


def pages() -> dict[str, str]:
    """Give every page that is drawn from the flows alone, by its file's name; a section without a flow has none."""
    made: dict[str, str] = {"README.md": _index()}
    for section in ordered():
        if section.id in SECTION_FLOW:
            made[f"{section.id}.md"] = _page(section)
            for language in ("zh", "en"):
                made[f"{section.id}.{language}.svg"] = draw(drawing(section.id, language))
    return made


def ordered() -> list[Section]:
    """Give all sections: those of the seed in its order, then ours."""
    return [*(SECTIONS[section_id] for section_id in SEED_SECTIONS), *(s for s in SECTIONS.values() if not s.in_seed)]


def flow_file(flow: str) -> str:
    """Give the path of the module that holds a flow, from the repository's root."""
    source = Path(getsourcefile(FLOWS[flow]) or "")
    return f"gateway/flows/{source.name}"


def seed_step(section: Section, number: str) -> SeedStep | None:
    """Give the step of the seed that a number of ours stands under."""
    seed = SEED_SECTIONS.get(section.id)
    steps = () if seed is None else seed.steps
    return next((step for step in steps if step.covers(number.removeprefix(OURS))), None)


# ---- pages -----------------------------------------------------------------------------------------------------------


def _index() -> str:
    lines = [
        "# The flows, section by section",
        "",
        "Made by `vsopgw flows render` from the flows in [`gateway/flows`](../../gateway/flows): a sample case of each section is run on",
        "paper, and each step that a flow says becomes a line. [`matrix.md`](matrix.md) has what tests prove of refusals and failures.",
        "",
        "| section | 中文 | title | flow |",
        "|---|---|---|---|",
    ]
    for section in ordered():
        flow = SECTION_FLOW.get(section.id)
        if flow is None:
            lines.append(f"| {section.id} | {section.title_zh} | {section.title_en} | none |")
        else:
            link = f"[`{flow}`]({_ROOT}/{flow_file(flow)})"
            lines.append(f"| [{section.id}]({section.id}.md) | {section.title_zh} | {section.title_en} | {link} |")
    return "\n".join([*lines, "", *_LEGEND]) + "\n"


_LEGEND = (
    "The seed is the user's document. It has two chapters 2.2 and two 3.1: the second ones are called 2.2b and 3.1b. Its numbers are kept;",
    "letters split its long steps, `+` marks a step that it does not demand. Mode:",
    "",
    "| mode | means |",
    "|---|---|",
    "| S | synchronous: the answer is the result |",
    "| A | asynchronous: the answer says accepted, the result follows |",
    "| N | notice: sent until it is received, no result follows |",
    "| own | an act, no message |",
    "| - | between others: neither tier of VSOP takes part |",
)


def _page(section: Section) -> str:
    seed, walked = SEED_SECTIONS.get(section.id), walk(section.id)
    lines = [f"# {section.id} {section.title_zh} / {section.title_en}", ""]
    lines += [
        f"Flow [`{walked.flow}`]({_ROOT}/{flow_file(walked.flow)}). Made by `vsopgw flows render`; [index](README.md) has the modes.",
        "",
    ]
    lines += _seed_text(seed) if seed is not None else ["The seed has no such section: this one is ours.", ""]
    lines += [
        "## Steps",
        "",
        "| number | from | to | operation | mode | state change | 状态变化 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(row, party_names(section)) for row in walked.rows]
    lines += [
        "",
        "## Diagram",
        "",
        f"![{section.title_zh}]({section.id}.zh.svg)",
        "",
        f"![{section.title_en}]({section.id}.en.svg)",
        "",
    ]
    return "\n".join(lines)


def _seed_text(seed: SeedSection) -> list[str]:
    lines = [f"## The seed: {seed.chapter} {seed.title_zh}", "", "| step | 中文 | in short |", "|---|---|---|"]
    for step in seed.steps:
        zh = step.zh if not step.completed else f"{step.zh} … (补全: {step.completed})"
        lines.append(f"| {step.number} | {zh} | {step.en} |")
    for title, remarks in (("Remarks of the seed:", seed.remarks), ("Notes on its text:", seed.notes)):
        if remarks:
            lines += ["", title, "", *(f"- {_both(remark)}" for remark in remarks)]
    return [*lines, ""]


def _both(remark: Remark) -> str:
    return f"{remark.zh} {remark.en}"


def _row(row: Row, names: dict[str, Words]) -> str:
    state = f"{'; '.join(words.en for words in row.state)} | {'; '.join(words.zh for words in row.state)}"
    sender, receiver = names[row.sender].both(), names[row.receiver].both() if not row.own else ""
    return f"| {row.number} | {sender} | {receiver} | {_operation(row)} | {row.mode} | {state} |"


def _operation(row: Row) -> str:
    if row.result:
        return f"`{row.text.en.removesuffix(' result')}` result 结果"
    return f"`{row.text.en}`" if row.text.zh == row.text.en else row.text.both()


# ---- diagrams --------------------------------------------------------------------------------------------------------

_STYLES = {
    Style.MESSAGE: Words("消息", "message"), Style.RESULT: Words("结果", "result"),
    Style.OUTSIDE: Words("其他系统之间", "between others"), Style.OURS: Words("+ 原文未要求", "+ not demanded by the seed"),
}  # fmt: skip
_VSOP = ("vsop", "group", "ppm")
"""Parties whose steps the flows say."""


def drawing(section_id: str, language: str) -> Drawing:
    """Give what a section's diagram shows, in zh or en."""
    walked = walk(section_id)
    section, names, say = walked.section, party_names(walked.section), partial(_said, language)
    lines = [_line(row, walked, say) for row in walked.rows]
    styles = {line.style for line in lines}
    return Drawing(
        title=f"{section.id} {say(Words(section.title_zh, section.title_en))}",
        lanes=[Lane(party, say(names[party]), strong=party in _VSOP) for party in walked.parties],
        lines=lines,
        legend=[(style, say(words)) for style, words in _STYLES.items() if style in styles],
    )


def _said(language: str, words: Words) -> str:
    return words.zh if language == "zh" else words.en


def _line(row: Row, walked: Walk, say: Callable[[Words], str]) -> Line:
    step = seed_step(walked.section, row.number)
    group = (
        row.number.removeprefix(OURS)[:1]
        if step is None
        else step.number.replace("second", say(Words("第二个", "second")))
    )
    return Line(row.number, say(row.text), row.sender, row.receiver, group, _style(row))


def _style(row: Row) -> Style:
    if row.number.startswith(OURS):
        return Style.OURS
    if row.mode is Mode.OUTSIDE:
        return Style.OUTSIDE
    return Style.RESULT if row.result else Style.MESSAGE
