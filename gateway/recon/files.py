"""The '#'-separated files of a reconciliation: names as the field has them, columns of ours (docs/reconciliation.md), as bytes.

A file that is damaged or cut off is refused as a whole, with the number of its line: nothing of it is used.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.numbers import Number
from gateway.recon.holdings import Holding, Key, Standing
from gateway.vocabulary import NEVER, OFFER_TYPE_CODE, OFFER_TYPES, read_time, write_expiry, write_time

MOST_ROWS = 1_000_000
"""In one part; more rows make more parts."""


class Period(StrEnum):
    """What a file holds: the changes of a day, or all that stands."""

    DAILY = "A"
    MONTHLY = "I"


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a file says of itself; `system` made it."""

    interface: str
    system: str
    period: Period
    date: str
    """yyyyMMdd of a daily file, yyyyMM of a monthly one."""
    made_at: datetime
    part: int = 1
    parts: int = 1

    @property
    def beginning(self) -> str:
        """The name up to the number of the resend."""
        return f"{self.period}-{self.date}-VSOP {self.interface}-{self.system}-"

    def name(self, resend: int = 0) -> str:
        """The file's name."""
        return f"{self.beginning}{resend:02d}-{self.part:02d}.AVL"


@dataclass(frozen=True, slots=True)
class ReconFile:
    """One part, read and whole."""

    head: FileHead
    rows: tuple[Holding, ...]


class FileDamaged(Exception):
    """A file that cannot be trusted; the text is ours and does not repeat what stands there."""

    def __init__(self, name: str, line: int, text: str) -> None:
        super().__init__(f"{name}:{line}: {text}")
        self.name = name
        self.line = line


def beginning(period: Period, day: datetime, interface: str, system: str) -> str:
    """Give the name of the file of a day, or of its month, up to the number of the resend."""
    return FileHead(interface, system, period, date_of(period, day), day).beginning


def date_of(period: Period, day: datetime) -> str:
    """Give the date in a name: the day, or its month."""
    return f"{day:%Y%m%d}" if period is Period.DAILY else f"{day:%Y%m}"


# ---- writing ---------------------------------------------------------------------------------------------------------


def write_files(head: FileHead, rows: Sequence[Holding], most: int = MOST_ROWS) -> list[tuple[str, bytes]]:
    """Give the names and contents of all parts; at least one, though it be empty."""
    pages = [rows[at : at + most] for at in range(0, len(rows), most)] or [()]
    heads = [
        FileHead(head.interface, head.system, head.period, head.date, head.made_at, number, len(pages))
        for number, _ in enumerate(pages, 1)
    ]
    return [(one.name(), _content(one, page)) for one, page in zip(heads, pages, strict=True)]


def _content(head: FileHead, rows: Sequence[Holding]) -> bytes:
    first = ["H", head.interface, head.system, head.period, head.date, write_time(head.made_at), str(head.part), str(head.parts)]
    body = "".join(f"{'#'.join(columns)}\n" for columns in [first, *map(_columns, rows)]).encode("ascii")
    counts = [len(rows), *(sum(row.standing is standing for row in rows) for standing in Standing)]
    return body + f"T#{'#'.join(map(str, counts))}#{zlib.crc32(body):08x}\n".encode("ascii")


def _columns(row: Holding) -> list[str]:
    return [
        row.number.digits, row.spec, row.product_id, "" if row.offer_type is None else OFFER_TYPE_CODE[row.offer_type], row.offer_id,
        row.sp, row.standing, _maybe(row.subscribed_at), _maybe(row.effective_at), write_expiry(row.expires_at), row.channel, row.order_id,
    ]  # fmt: skip


def _maybe(at: datetime | None) -> str:
    return "" if at is None else write_time(at)


# ---- reading ---------------------------------------------------------------------------------------------------------

_CODE = re.compile(r"[0-9A-Za-z._:-]{0,60}")
_SYSTEM = re.compile(r"([1-9][0-9]{2})?")
_HEAD = re.compile(r"R[0-9.]{1,10}#[1-9][0-9]{2}#(A#[0-9]{8}|I#[0-9]{6})#[0-9]{14}#[1-9][0-9]?#[1-9][0-9]?")
_TRAILER = re.compile(r"[0-9]+#[0-9]+#[0-9]+#[0-9]+#[0-9a-f]{8}")


def read_file(name: str, content: bytes) -> ReconFile:
    """Read one part; raises FileDamaged. Lines may end in LF or CR LF."""
    lines = content.split(b"\n")
    if lines[-1]:
        raise FileDamaged(name, len(lines), "the file is cut off: its last line has no end")
    if len(lines) < 3:
        raise FileDamaged(name, len(lines), "the file is cut off: a head and a trailer are the least that it has")
    texts = [_text(name, number, line) for number, line in enumerate(lines[:-1], 1)]
    head = _head(name, texts[0])
    _check_trailer(name, content, texts)
    rows = tuple(_row(name, number, text) for number, text in enumerate(texts[1:-1], 2))
    _counted(name, texts, rows)
    return ReconFile(head, rows)


def together(parts: Sequence[tuple[str, ReconFile]]) -> tuple[FileHead, dict[Key, Holding]]:
    """Join the parts of one delivery, given with their names; raises FileDamaged where one is missing or a product stands twice."""
    name, first = parts[0]
    found: dict[Key, Holding] = {}
    numbers = sorted(part.head.part for _, part in parts)
    if numbers != list(range(1, first.head.parts + 1)):
        raise FileDamaged(name, 1, f"there are {first.head.parts} parts, and not all of them are here")
    for name_of_part, part in parts:
        if part.head.beginning != first.head.beginning or part.head.parts != first.head.parts:
            raise FileDamaged(name_of_part, 1, "the part belongs to another delivery")
        for line, row in enumerate(part.rows, 2):
            if row.key in found:
                raise FileDamaged(name_of_part, line, "number and product stand here for the second time")
            found[row.key] = row
    return min((part.head for _, part in parts), key=lambda head: head.made_at), found


def _text(name: str, number: int, line: bytes) -> str:
    try:
        return line.removesuffix(b"\r").decode("ascii")
    except UnicodeDecodeError as error:
        raise FileDamaged(name, number, f"byte {error.start + 1} is no ASCII") from None


def _head(name: str, text: str) -> FileHead:
    kind, _, rest = text.partition("#")
    if kind != "H" or not _HEAD.fullmatch(rest):
        raise FileDamaged(name, 1, "expected the head: H#interface#system#A or I#date#made at#part#parts")
    interface, system, period, date, made, part, parts = rest.split("#")
    at = _time(name, 1, "made at", made)
    if at is None:
        raise FileDamaged(name, 1, "made at: expected yyyyMMddHHmmss")
    head = FileHead(interface, system, Period(period), date, at, int(part), int(parts))
    if not re.fullmatch(rf"{re.escape(head.beginning)}[0-9]{{2}}-{head.part:02d}\.AVL", name):
        raise FileDamaged(name, 1, "the head and the name of the file do not agree")
    return head


def _check_trailer(name: str, content: bytes, texts: Sequence[str]) -> None:
    last = len(texts)
    kind, _, rest = texts[-1].partition("#")
    if kind != "T" or not _TRAILER.fullmatch(rest):
        raise FileDamaged(name, last, "the file is cut off: expected the trailer T#rows#active#suspended#ended#crc32")
    body = content[: content.rstrip(b"\n").rindex(b"\n") + 1]
    if f"{zlib.crc32(body):08x}" != rest.rpartition("#")[2]:
        raise FileDamaged(name, last, "the file is damaged: its checksum is not that of the trailer")


def _counted(name: str, texts: Sequence[str], rows: Sequence[Holding]) -> None:
    told = [int(count) for count in texts[-1].split("#")[1:5]]
    counts = [len(rows), *(sum(row.standing is standing for row in rows) for standing in Standing)]
    if told != counts:
        raise FileDamaged(name, len(texts), f"the trailer counts {told} rows, active, suspended and ended; there are {counts}")


def _row(name: str, line: int, text: str) -> Holding:
    columns = text.split("#")
    if len(columns) != len(_COLUMNS):
        raise FileDamaged(name, line, f"expected {len(_COLUMNS)} columns, there are {len(columns)}")
    for column, (title, form) in zip(columns, _COLUMNS.items(), strict=True):
        if not form.fullmatch(column):
            raise FileDamaged(name, line, f"{title} is not of its form")
    number, spec, product, kind, offer, sp, status, subscribed, effective, expires, channel, order = columns
    return Holding(
        Number.parse(number), product, Standing(status), offer, OFFER_TYPES[kind] if kind else None, spec, sp, channel, order,
        _time(name, line, "SubscribeTime", subscribed), _time(name, line, "EffDate", effective), _time(name, line, "ExpDate", expires),
    )  # fmt: skip


_TIME = re.compile(r"([0-9]{14})?")
_COLUMNS = {
    "ProductNo": re.compile(r"(?:86)?(?:1[0-9]{10}|0[0-9]{9,11})"), "ProdSpecCode": _CODE,
    "VProductID": re.compile(r"[0-9A-Za-z._:-]{1,25}"), "ProductOfferType": re.compile("[012]?"), "ProductOfferID": _CODE, "SPID": _CODE,
    "Status": re.compile("[026]"), "SubscribeTime": _TIME, "EffDate": _TIME, "ExpDate": _TIME, "ChannelPlayerID": _SYSTEM, "OrderId": _CODE,
}  # fmt: skip
"""Every column with its form; the names are the contracts'."""


def _time(name: str, line: int, title: str, text: str) -> datetime | None:
    if not text or text == NEVER:
        return None
    try:
        return read_time(text)
    except ValueError:
        raise FileDamaged(name, line, f"{title} is a day or time that does not exist") from None


def by_key(rows: Iterable[Holding]) -> dict[Key, Holding]:
    """Give rows that were asked for, and so cannot stand twice, by number and product."""
    return {row.key: row for row in rows}
