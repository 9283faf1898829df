"""Makes the capture that is configured, with its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gateway.capture.capture import Capture, Place
from gateway.capture.masking import Masking, fields_of
from gateway.capture.pseudonyms import Pseudonyms
from gateway.capture.recording import Choice
from gateway.config import Config
from gateway.contract import Codec
from gateway.domain.party import Address
from gateway.engine.ports import Clock
from gateway.engine.wiring import Events
from gateway.runtime.means import Means
from gateway.soap.front import Front
from gateway.soap.http_client import HttpPool


def make_capture(
    config: Config, codecs: Mapping[str, Codec], clock: Clock, reactor: Any, events: Events, means: Means
) -> Capture:
    """Give the capture; nothing is recorded, and no key made, before it is started."""
    described, name = config.capture, config.gateway.name
    place = Place(name, described.directory, described.file_bytes, described.files, described.waiting_bytes)

    def masking() -> Masking | None:
        if not described.mask:
            return None
        return Masking(Pseudonyms(make_key(described.key_file, means.secret)), fields_of(codec.contract for codec in codecs.values()))

    return Capture(
        place, masking, {name: name for name in codecs}, now=clock.now, seconds=reactor.seconds, events=events,
        to_reactor=lambda *call: reactor.callFromThread(*call),  # noqa: PLW0108  a reactor on a virtual clock has none
    )  # fmt: skip


def watch(
    capture: Capture, config: Config, front: Front, pools: Mapping[Address, HttpPool], events: Events
) -> Capture:
    """Show it what passes, and start it where the configuration says so; trouble with its files keeps no gateway from starting."""
    # As in the configuration: [partners.xplatform.303].
    capture.watch(front, {".".join(filter(None, (str(address.party), address.code))): pool for address, pool in pools.items()})
    if config.capture.on:
        try:
            capture.start(chosen(config))
        except (OSError, ValueError) as error:
            events("capture.failed", file=str(config.capture.directory), written=0, lost=0, error=error)
    return capture


def chosen(config: Config) -> Choice:
    """What is recorded where nobody chooses anything else."""
    return Choice(frozenset(config.capture.contracts), frozenset(config.capture.partners))


def make_key(path: Path, secret: Callable[[int], bytes]) -> bytes:
    """Read the key, or make one; raises OSError, or ValueError for a key that others may read or that is too short."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(secret(32).hex() + "\n")
        fresh.replace(path)
    return read_key(path)


def read_key(path: Path) -> bytes:
    """Read a key; raises as `make_key` does."""
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path}: others may read this key: chmod 600 it, and make a new one if they did")
    key = path.read_text(errors="replace").strip().encode()
    if len(key) < 16:
        raise ValueError(f"{path}: a key has 16 characters or more")
    return key
