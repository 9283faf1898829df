"""Who sits at the command line."""

from __future__ import annotations

import os
import pwd

from gateway.cli.operator import operator


def test_name_of_the_systems_user():
    """The name comes from the system, not from a variable that anybody can set."""
    assert operator() == pwd.getpwuid(os.getuid()).pw_name


def test_user_without_a_name(monkeypatch):
    """In a container a user may have a number alone."""
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000 - 1)
    assert operator() == "3999999999"
