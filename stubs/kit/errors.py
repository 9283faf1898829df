"""What ends a request or an act otherwise than by an answer."""

from __future__ import annotations

from gateway.contract.codec import Message


class SilentError(Exception):
    """The caller must not get an answer: its connection is dropped."""


class AnswerLostError(SilentError):
    """The work is done and its answer must not reach the caller this time."""

    def __init__(self, answer: Message) -> None:
        super().__init__("lost on purpose")
        self.answer = answer


class AwayError(SilentError):
    """The partner is down: nothing was done."""


class AnswerWrittenError(Exception):
    """The answer is there as bytes, and goes to the caller as it is."""

    def __init__(self, status: int, content_type: str, body: bytes) -> None:
        super().__init__("written already")
        self.status = status
        self.content_type = content_type
        self.body = body


class NotActedError(SilentError):
    """A fault that is set keeps the partner from doing anything; what the caller gets instead is the front's matter."""


class ActError(Exception):
    """A user's or clerk's act cannot be done; `status` and `reason` are for the admin API."""

    def __init__(self, status: int, reason: str, **more: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.more = more
