"""Loads a configuration that a test writes."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.config import Config, ConfigMistakes, load_config

GATEWAY = '[gateway]\ntier = "province"\nprovince = "15"\n'
NUMBERS = '[mobile]\n1890791 = "15"\n[fixed]\n0791 = "15"\n[ported]\n18907919999 = "21"\n'
NOTHING: Mapping[str, str] = {}


def load(
    directory: Path,
    text: str = GATEWAY,
    environ: Mapping[str, str] = NOTHING,
    overrides: Mapping[str, object] = NOTHING,
    numbers: str = NUMBERS,
) -> Config:
    (directory / "numbers.toml").write_text(numbers, encoding="utf-8")
    (directory / "gateway.toml").write_text(text, encoding="utf-8")
    return load_config(directory / "gateway.toml", environ, overrides)


def mistakes(
    directory: Path,
    text: str = GATEWAY,
    environ: Mapping[str, str] = NOTHING,
    overrides: Mapping[str, object] = NOTHING,
    numbers: str = NUMBERS,
) -> list[str]:
    """Give the mistakes as they are shown, without the directory of the test."""
    with pytest.raises(ConfigMistakes) as caught:
        load(directory, text, environ, overrides, numbers)
    return str(caught.value).replace(f"{directory}/", "").splitlines()
