"""docs/stub-faults.md: the catalogue as a page, with what the gateway's client makes of each fault; made by `vsopgw docs write`."""

from __future__ import annotations

from collections.abc import Iterator

from stubs.faults.catalogue import FAULTS, Fault, Layer, On, spoils
from stubs.faults.verdicts import DEADLINE, VERDICTS

_LAYERS = {
    Layer.SEQUENCE: "Sequence of messages",
    Layer.MESSAGE: "What the message says",
    Layer.MARKUP: "XML",
    Layer.BYTES: "Bytes",
    Layer.HTTP: "HTTP",
    Layer.CONNECTION: "Connection",
    Layer.TIME: "Time",
}
_HEAD = """# Faults that stubs show on purpose

Made by `vsopgw docs write` from `stubs/faults`. These are faults of partners, for whoever tries a client against the stubs: the stubs
show them in their answers and callbacks, the simulation (`vsopgw sim`) plays the gateway's partners with them. What is broken on
purpose to test the gateway itself stands in [faults.md](faults.md).

## Set one

```sh
vsopgw stub up xplatform ocs --port 7115 &
vsopgw stub fault list                    # all of them; `list NAME` tells its parameters
vsopgw stub fault set malformed-xml role=xplatform suffix=0001 first=1
vsopgw stub fault set delay distribution=lognormal seconds=0.5 share=0.2 seed=7
vsopgw stub fault show                    # what is set, and how many messages each has met
vsopgw stub fault clear
```

The same over HTTP: `POST /_stub/faults` with `{"fault": "delay", "role": "ocs", "seconds": 2}`, `GET /_stub/faults`,
`POST /_stub/faults/clear`, `POST /_stub/faults/clear/ID`. The journal (`GET /_stub/journal`) names the faults that met a message.
From the start, in the lab's file, as tables `[[stubs.faults]]` of a set or as a list `faults = [{ fault = "hang", role = "ocs" }]`;
they are set again by each reset. `vsopgw stub fault set --file FILE` reads `[[faults]]` tables.

| key | whom it meets |
|---|---|
| `role`, `operation` | messages of this party, of this operation |
| `number`, `suffix` | of this number (or product or offer), or ending so |
| `share`, `seed` | this part of those that fit, from 0 to 1; the seed chooses which, and the same seed chooses the same |
| `first`, `every` | only the first so many that fit; only each so many-th |
| `on` | `answer`, or `callback` where a fault can spoil both; without `operation` a callback is serverActionResult, subsInstSynFromISMP, \
orderReceipt or recvRQMessage |
| `acts` | `false`: the party does not do what it is asked before the fault shows; where its answer is needed it always acts |
| `id` | its name; a rule of the same id is replaced |

Rules stand until they are taken away. They are tried in their order; of those of one layer the first that meets a message acts, and the
others do not count it. So `first=1` rules of one layer behind each other break one message after the other, each in its own way. Faults
of several layers act together, in the order of the chapters below.

Only requests that their contract allows meet a fault. Modes and magic numbers ([stubs/README.md](../stubs/README.md)) come before:
`slow` is `delay` of 3 s, `lost` is `reset`, `away` is `reset` with `acts=false`, `report-first` is `callback-before-answer`.
Callbacks in the field's old forms are not spoiled in their XML and bytes.
"""
_VERDICTS = f"""## What the gateway's client makes of an answer

Held by `tests/partners/test_fault_wire.py` over real sockets, for `serverAction` with two products and a deadline of {DEADLINE:g} s.
*Temporary*: the outcome is open, and the same request goes out again under the same StreamingNo. *Permanent*: the partner has refused
the message. *Answer*: its codes decide: an unknown one is a refusal (8001), half a list of results leaves the outcome open like a
*Temporary* ([0009](decisions/0009-activation-answers.md)), and 9001 means later.
The answer of another request costs the client all connections to the partner: it may be one too many, and each later call would get
the answer of the one before.

| fault | verdict |
|---|---|"""


def faults_reference() -> str:
    """Give the page."""
    lines = [_HEAD]
    for layer, title in _LAYERS.items():
        lines += [f"## {title}", "", "| fault | 说明 | what | parameters |", "|---|---|---|---|"]
        lines += [_row(fault) for fault in FAULTS.values() if fault.layer is layer]
        lines.append("")
    lines.append(_VERDICTS)
    lines += [f"| `{one.name}` | {one.verdict} |" for one in VERDICTS]
    return "\n".join(lines) + "\n"


def _row(fault: Fault) -> str:
    what = "; ".join([fault.en, *_notes(fault)])
    parameters = "<br>".join(
        f"`{one.name}` ({one.default}): {one.zh} / {one.en}; {one.expected()}" for one in fault.parameters
    )
    return f"| `{fault.name}` | {fault.zh} | {what} | {parameters or '-'} |"


def _notes(fault: Fault) -> Iterator[str]:
    if fault.acts:
        yield "may do nothing (`acts=false`)"
    if len(spoils(fault)) > 1:
        yield "also of callbacks"
    if fault.on is On.CALLBACK:
        yield "of callbacks"
