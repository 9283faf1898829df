"""What the admin API cannot do, and how what is sent to it is read."""

from __future__ import annotations

from typing import Any

import msgspec


class Problem(Exception):
    """A request of the admin API that cannot be met; the text is for the person at the command line."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def decode(body: bytes, kind: Any) -> Any:
    """Read a JSON body as a type; raises Problem for another form."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise Problem(400, f"the upload is not of the expected form: {error}") from None
