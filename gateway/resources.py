"""Where the files that ship with the program are: in the package if it came as a wheel, else in the repository."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_root() -> Path:
    """Find the directory that holds wsdl/ and etc/: gateway/_data of a wheel, or the root of the repository."""
    shipped = _PACKAGE / "_data"
    return shipped if shipped.is_dir() else _PACKAGE.parent


def contracts_dir() -> Path:
    """Find the shipped WSDL files; their schemas are in xsd/ below."""
    return data_root() / "wsdl"


def etc_dir() -> Path:
    """Find the shipped configuration files and the lab's data."""
    return data_root() / "etc"
