"""The form of a capture: JSON Lines, the first line says what it is, each further one is a whole exchange.

Must not know who writes or reads it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

FORM: Final = 1
"""Of the file; a reader refuses a later one."""
LONGEST_LINE: Final = 64 << 20
"""Characters; a gateway takes no message that would make a longer one."""


class Direction(StrEnum):
    """Who began an exchange: somebody who called the gateway, or the gateway."""

    IN = "in"
    OUT = "out"


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request or an answer: the body as text in `charset`, or in base64 where it is no text of that charset."""

    type: str = ""
    """Media type with its parameters, as sent."""
    text: str = ""
    charset: str = "utf-8"
    base64: str = ""
    action: str = ""
    """SOAPAction of a request."""

    @property
    def body(self) -> bytes:
        """The bytes; raises ValueError or LookupError where the record was written by a stranger."""
        return b64decode(self.base64, validate=True) if self.base64 else self.text.encode(self.charset)


class Heading(msgspec.Struct, frozen=True):
    """First line of each file."""

    capture: int
    gateway: str
    began: str
    masked: bool
    key: str
    """Which key the numbers are masked with: files of the same mark go together."""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One exchange."""

    at: str
    """When its request came or went: ISO 8601, milliseconds, China time."""
    dir: Direction
    path: str
    """In: where it came. Out: the path of the partner's address."""
    request: Said
    partner: str = ""
    """In: the SystemId in the message. Out: the partner's name in the configuration."""
    contract: str = ""
    operation: str = ""
    status: int = 0
    """HTTP status of the answer; 0 where none came."""
    answer: Said | None = None
    error: str = ""
    """Why none came."""
    ms: float = 0.0
    streaming_no: str = ""
    order: str = ""
    trace: str = ""
    number: str = ""


class BrokenCapture(Exception):
    """A file that is no capture; the text names file, line and reason."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")


def write_line(value: Heading | Record) -> bytes:
    """Write one line, with its end."""
    return msgspec.json.encode(value) + b"\n"


def read_heading(path: Path) -> Heading:
    """Read the first line; raises BrokenCapture."""
    try:
        with path.open("rb") as file:
            line = file.readline(LONGEST_LINE)
    except OSError as error:
        raise BrokenCapture(path, 1, error.strerror or "cannot be read") from None
    try:
        heading = msgspec.json.decode(line, type=Heading)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BrokenCapture(path, 1, "is no capture: its first line is no heading, such as `vsopgw capture` writes") from None
    if heading.capture != FORM:
        raise BrokenCapture(path, 1, f"is a capture of form {heading.capture}; this version reads form {FORM}")
    return heading


def read_records(path: Path) -> Iterator[tuple[int, Record]]:
    """Read all exchanges with their lines, one after the other, in the order in which they ended; raises BrokenCapture."""
    read_heading(path)
    decoder = msgspec.json.Decoder(Record)
    with path.open("rb") as file:
        file.readline(LONGEST_LINE)
        number = 1
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n"):
                cut_off = "the last line is cut off: was the gateway still writing?"
                problem = "the line is too long" if len(line) >= LONGEST_LINE else cut_off
                raise BrokenCapture(path, number, problem)
            try:
                record = decoder.decode(line)
                for said in (record.request, record.answer):
                    if said is not None:
                        said.body  # noqa: B018  a body that cannot be read is told here, with its line
            except RecursionError:
                raise BrokenCapture(path, number, "is no exchange: nested too deep") from None
            except (msgspec.MsgspecError, UnicodeError, LookupError, ValueError) as error:
                raise BrokenCapture(path, number, f"is no exchange: {error}") from None
            yield number, record
