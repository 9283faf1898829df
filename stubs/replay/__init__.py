"""Replay: what came into a gateway is sent again to another, and the answers are compared. See docs/replay.md."""
