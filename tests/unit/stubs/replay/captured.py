"""Captures that tests write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from gateway.capture.record import Direction, Heading, Record, Said, write_line
from gateway.vocabulary import CHINA

BEGAN = datetime(2026, 11, 24, 12, tzinfo=CHINA)
HEADING = Heading(1, "vsop-15", BEGAN.isoformat(timespec="milliseconds"), False, "")


def envelope(inside: str) -> str:
    return f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{inside}</s:Body></s:Envelope>'


def order(serial: int, number: str = "18907910001") -> str:
    return envelope(
        f"<subscribeToVSOP><StreamingNo>21120261124120000{serial:09d}</StreamingNo><TimeStamp>20261124120000</TimeStamp>"
        f"<SystemId>211</SystemId><OrderId>W-{serial:09d}</OrderId><ProductNo>{number}</ProductNo></subscribeToVSOP>"
    )


def answer(serial: int, code: str = "0", more: str = "") -> str:
    return envelope(
        f"<subscribeToVSOPResponse><StreamingNo>21120261124120000{serial:09d}</StreamingNo><ResultCode>{code}</ResultCode>"
        f"<ResultDesc>text</ResultDesc>{more}</subscribeToVSOPResponse>"
    )


def record(serial: int, seconds: float, code: str = "0", number: str = "18907910001", **more) -> Record:
    fields = {
        "at": (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"), "dir": Direction.IN, "path": "/services/vsop",
        "request": Said(type="text/xml; charset=utf-8", text=order(serial, number), action='"a"'), "partner": "211", "contract": "vsop",
        "operation": "subscribeToVSOP", "status": 200, "answer": Said(type="text/xml; charset=utf-8", text=answer(serial, code)),
        "streaming_no": f"21120261124120000{serial:09d}", "order": f"W-{serial:09d}", "number": number,
    }  # fmt: skip
    return Record(**{**fields, **more})


def write(path: Path, records: Iterable[Record]) -> Path:
    with path.open("wb") as file:
        file.write(write_line(HEADING))
        file.writelines(write_line(each) for each in records)
    return path
