"""What a store may answer instead of a commit; each is handled in its own way. Knows no row and no store."""

from __future__ import annotations


class StoreFailed(Exception):
    """The store could not do its work: nothing of the commit was written. Whoever drives a run tries again later."""


class DuplicateRequest(Exception):
    """The (system, StreamingNo) of an InboxRow is taken: read the stored answer. Or the mark of a TokenUsed is."""


class ItemLocked(Exception):
    """Another open order holds one of the locks of an OrderAccepted, or what was judged has changed (UserUnchanged and so on)."""


class Outdated(Exception):
    """The version of an ObjectSynced is older than the one that is held."""


class Fenced(Exception):
    """A run, or the name of this process, belongs to another process by now: what was done for it here is to be dropped silently."""
