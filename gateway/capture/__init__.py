"""Capture: exchanges as they pass, masked, one line of a file each. See docs/replay.md."""
