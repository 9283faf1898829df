"""The entry of the partner kit as one file (vsop-kit.pyz): is this the Python and the platform it was built for? Then `kit`.

Must not import what is compiled before it has asked: the wrong Python would end in an error that tells nobody anything.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from pathlib import Path

_BUILT_FOR = Path(__file__).resolve().parent.parent / "_data" / "built-for.json"


def main() -> None:
    """Run the command, or end with exit 2 and say which Python the file needs."""
    wanted = json.loads(_BUILT_FOR.read_text(encoding="utf-8"))
    python, platform = f"{sys.version_info.major}.{sys.version_info.minor}", sysconfig.get_platform()
    if (python, platform) != (wanted["python"], wanted["platform"]):
        sys.stderr.write(
            f"vsop-kit: 此文件用于Python {wanted['python']} ({wanted['platform']}), 当前为 {python} ({platform})\n"
            f"vsop-kit: this file is for Python {wanted['python']} on {wanted['platform']}, this is {python} on {platform}\n"
        )
        sys.exit(2)
    from gateway.cli.kit import kit  # noqa: PLC0415  after the question

    kit(prog_name="vsop-kit")
