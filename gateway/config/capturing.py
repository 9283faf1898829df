"""The section [capture]: whether what passes is recorded, and where. Must not know what a record looks like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from gateway.config.forms import FLAG, PATH, texts, whole

_WORDS = texts("a list of names", r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureConfig:
    """Recording of what passes, for `vsopgw replay`: see docs/replay.md."""

    on: Annotated[bool, FLAG] = False
    """Whether it runs from the start of the process on. `vsopgw capture start` and `stop` switch it meanwhile, until the next start."""
    directory: Annotated[Path, PATH]
    """Directory of the files, which only their owner may read."""
    mask: Annotated[bool, FLAG] = True
    """Whether numbers become pseudonyms, and texts to users, codes and credentials are removed, before anything is written. False is for
    a lab with invented subscribers."""
    key_file: Annotated[Path, PATH]
    """File of the key that pseudonyms are made with; made, with mode 0600, if there is none. With the same key, gateways make the same
    ones."""
    contracts: Annotated[tuple[str, ...], _WORDS] = ()
    """Only exchanges of these, such as `vsop`; none named: all."""
    partners: Annotated[tuple[str, ...], _WORDS] = ()
    """Only exchanges with these: SystemIds of callers, such as `211`, and names of partners that are called, such as `xplatform.303`."""
    file_bytes: Annotated[int, whole(4096, 1 << 40)] = 256 << 20
    """Size at which the next file is begun."""
    files: Annotated[int, whole(1, 100_000)] = 40
    """Most files of one capture; beyond them its oldest is removed."""
    waiting_bytes: Annotated[int, whole(1 << 16, 1 << 32)] = 32 << 20
    """Most bytes of messages that wait to be written; beyond them exchanges are dropped, and counted."""
