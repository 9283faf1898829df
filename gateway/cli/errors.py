"""How a command ends: 0 pass, 1 checks failed, 2 usage or configuration, 3 target unreachable."""

from __future__ import annotations

import urllib.error

import click


class CommandFailed(click.ClickException):
    """A command that cannot go on: lines for a person, and an exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.exit_code = code  # type: ignore[misc]  # click declares it for the class and reads it from the instance

    def show(self, file: object = None) -> None:
        """Print the lines as they are, without a prefix that hides file:line."""
        click.echo(self.format_message(), err=True)


def no_answer(error: OSError) -> str:
    """Say why nobody answered, in the system's words without its numbers, such as: connection refused."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    told = inner.strerror if isinstance(inner, OSError) else None
    return (told or "no connection").lower()


class UsageFailed(CommandFailed):
    """Configuration or usage: exit 2."""

    def __init__(self, text: str) -> None:
        super().__init__(text, 2)


class Unreachable(CommandFailed):
    """Nobody answers: exit 3."""

    def __init__(self, text: str) -> None:
        super().__init__(text, 3)
