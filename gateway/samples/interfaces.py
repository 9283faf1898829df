"""The table of operations in wsdl/README.md: who serves each, who calls it, in which steps of which section, and the field's code for it.

Tests hold that table complete and true to the flows, so it is read instead of being written a second time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GROUP_ADDRESS = "http://127.0.0.1:7000/services/"
"""Where the lab's group VSOP serves; all other addresses stand in the contracts."""

_ROW = re.compile(r"^\| (\w+) \| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_STEPS = re.compile(r"([\d.]+b?): ([^;]+)")


@dataclass(frozen=True, slots=True)
class Interface:
    """One row: what an operation is in the operator's network."""

    contract: str
    operation: str
    served_by: str
    called_by: str
    steps: Mapping[str, tuple[str, ...]]
    """Section of the operator's document to the numbers of its steps."""
    code: str

    @property
    def at_group(self) -> bool:
        """Whether only the group serves it."""
        return self.served_by == "group VSOP"


def interfaces(contracts: Path) -> dict[tuple[str, str], Interface]:
    """Read the table beside the contracts, by contract and operation, in its order; raises OSError."""
    text = (contracts / "README.md").read_text(encoding="utf-8").partition("\n## Operations\n")[2].partition("\n## ")[0]
    made: dict[tuple[str, str], Interface] = {}
    for contract, operation, served, called, steps, code in _ROW.findall(text):
        if (contract, operation) == ("contract", "operation"):
            continue
        if called.strip() == "the same":
            called = made[next(reversed(made))].called_by  # noqa: PLW2901  as the row above says
        by_section = {section: tuple(n.strip() for n in numbers.split(",")) for section, numbers in _STEPS.findall(steps)}
        made[contract, operation] = Interface(contract, operation, served.strip(), called.strip(), by_section, code.strip())
    return made
