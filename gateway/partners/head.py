"""The three fields that begin every request of ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """StreamingNo, TimeStamp and SystemId of a message."""

    streaming_no: str
    time: str
    system: str

    def fields(self) -> dict[str, str]:
        """Give them under their names on the wire."""
        return {"StreamingNo": self.streaming_no, "TimeStamp": self.time, "SystemId": self.system}
