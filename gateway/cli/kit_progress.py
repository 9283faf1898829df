"""What `vsopgw kit run` shows while it runs: a bar on a terminal, a line for each case elsewhere; what fails is told at once on both."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stubs.partnerkit.outcome import CaseResult, Verdict

_ID, _VERDICT = 12, 14  # widths of columns
_UNDER = " " * 8


class Progression:
    """Told of each case as it ends."""

    def __init__(self, title: str) -> None:
        self._bar: Progress | None = None
        console = Console()
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=console, transient=True)
            self._task = self._bar.add_task(title, total=None)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, result: CaseResult, place: int, total: int) -> None:
        """Show a case that has ended."""
        if self._bar is not None:
            self._bar.update(self._task, completed=place, total=total)
        if self._bar is None or result.verdict is Verdict.FAILED:
            title = f"{result.case.title.zh} / {result.case.title.en}"
            self._say(f"{place:3}/{total} {result.id:<{_ID}} {result.verdict.value:<{_VERDICT}} {title}")
        for found in result.findings:
            self._say(f"{_UNDER}{found.text.zh}\n{_UNDER}{found.text.en}")

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.out(text, highlight=False)
        else:
            click.echo(text)
            sys.stdout.flush()
