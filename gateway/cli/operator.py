"""Who sits at the command line, for the audit log."""

from __future__ import annotations

import os
import pwd


def operator() -> str:
    """Give the name of the operating system's user, or his number where he has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
