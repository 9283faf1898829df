"""A text for people in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """Give it in `zh` or `en`."""
        return self.zh if language == "zh" else self.en
