"""The operator's document as the code runs it: each section with its drawing and steps, and which of them were done today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.frame import LANGUAGES, Entry
from gateway.console.gateways import Answers, ask_all
from gateway.console.visit import Answer, Pages, Visit
from gateway.flows.sections import OURS, SECTIONS
from gateway.flows.seed import SEED_SECTIONS
from gateway.resources import data_root

ENTRIES = (Entry("/flows", "w", "流程", "Flows"),)


@dataclass(frozen=True, slots=True)
class Today:
    """One section: how often each of its own steps was done today, over all gateways."""

    id: str
    zh: str
    en: str
    seen: Mapping[str, int]
    own: tuple[str, ...]
    """The numbers that a gateway can see; those of others are in the drawing."""

    @property
    def done(self) -> int:
        """How many of them were seen."""
        return sum(number in self.seen for number in self.own)


def today(answers: Answers) -> list[Today]:
    """Add up what the gateways saw."""
    found = []
    for section in SECTIONS.values():
        seen: dict[str, int] = {}
        for _, answer in answers.found:
            for number, count in answer["seen"].get(section.id, {}).items():
                seen[number] = seen.get(number, 0) + count
        own = tuple(sorted({number for number in section.own.values() if number and not number.startswith(OURS)}))
        found.append(Today(section.id, section.title_zh, section.title_en, seen, own))
    return found


async def shown(visit: Visit) -> Answer:
    """Show all sections; with one its drawing and steps; with a file name the drawing itself."""
    if len(visit.rest) == 2:
        return _drawing(visit)
    answers = await ask_all(visit.gateways, "coverage")
    sections = today(answers)
    orders = sum(answer["orders"] for _, answer in answers.found)
    whole = all(answer["whole"] for _, answer in answers.found)
    if not visit.rest:
        return visit.page("flows.html", sections=sections, away=answers.away, orders=orders, whole=whole)
    found = next((section for section in sections if section.id == visit.rest[0]), None)
    if found is None:
        return visit.gone("没有这个流程。", "There is no such section.")
    seed = SEED_SECTIONS.get(found.id)
    steps = [(step, [number for number in found.own if step.covers(number)]) for step in seed.steps] if seed else []
    return visit.page("flow.html", section=found, seed=seed, steps=steps, away=answers.away, orders=orders, whole=whole)


def _drawing(visit: Visit) -> Answer:
    section, (language, _, kind) = visit.rest[0], visit.rest[1].partition(".")
    if section not in SECTIONS or language not in LANGUAGES or kind != "svg":
        return visit.gone("没有这个图。", "There is no such drawing.")
    return Answer((data_root() / "docs" / "flows" / f"{section}.{language}.svg").read_bytes(), kind="image/svg+xml")


PAGES: Pages = {("GET", "flows"): shown}
