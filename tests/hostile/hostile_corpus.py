"""All cases of a target, by group; and where this gateway differs from the corpus on purpose."""

from __future__ import annotations

import hostile_callers
import hostile_envelope
import hostile_http
import hostile_load
import hostile_ours
import hostile_parts
import hostile_values
from hostile_build import Builder
from hostile_case import Case

GROUPS = {
    "V": (hostile_http.valid,),
    "A": (hostile_http.methods, hostile_http.lengths, hostile_http.heads, hostile_http.sizes),
    "B": (hostile_envelope.rubbish, hostile_envelope.rules, hostile_envelope.encodings),
    "C": (hostile_load.entities, hostile_load.counts, hostile_load.runs, hostile_load.graphs, hostile_load.values),
    "D": (hostile_parts.mime,),
    "E": (hostile_callers.tokens, hostile_callers.forms, hostile_callers.signatures),
    "F": (hostile_parts.addressing,),
    "K": (hostile_ours.chinese,),
    "L": (hostile_ours.hidden,),
    "N": (hostile_ours.nested,),
    "S": (hostile_ours.soap12,),
    "G": (hostile_values.fields, hostile_values.texts, hostile_values.again),
}
"""V good, A HTTP, B envelope and encoding, C load on the parser, D MIME, E callers, F addressing, G values; of our own K Chinese encodings,
L what hides from counts, N nested messages, S SOAP 1.2. Y is left for the old forms of the messages."""


def build(b: Builder, group: str) -> dict[str, Case]:
    """Make the cases of one group, with fresh numbers."""
    return {case.id: case for make in GROUPS[group] for case in make(b)}


def corpus(b: Builder) -> dict[str, Case]:
    """Make all cases."""
    return {id: case for group in GROUPS for id, case in build(b, group).items()}
