"""Our keys themselves: settings that load, validity, and who may read them."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bpp.doctor.finding import Finding, failure, ok, warning
from bpp.doctor.ground import Ground
from bpp.keys.model import KeySet, Stage
from bpp.settings import Settings

SOON = timedelta(days=30)

_OF_SETTINGS = {
    "SIGNING_KEY": ("130", "1045"),
    "SIGNING_KEYS": ("130", "1045"),
    "ENCRYPTION_KEY": ("131", "132"),
    "PREVIOUS_ENCRYPTION_KEYS": ("131", "132"),
    "REGISTRY_ENCRYPTION_KEYS": ("131", "132"),
    "KEY_FILE": ("130", "131", "1045"),
    "SUBSCRIBER_ID": ("132", "1000"),
    "SUBSCRIBER_URI": ("129", "132"),
    "UNIQUE_KEY_ID": ("1010",),
    "SITE_REQUEST_ID": ("129", "130"),
}
"""What a setting that is wrong would cause on the network, by its name without the prefix."""


def judge_settings(problems: Iterable[str]) -> Iterator[Finding]:
    """Settings that do not load, each with what it would cause. ``problems`` are those of ``SettingsProblems``."""
    for one in problems:
        name = one.partition(":")[0].removeprefix("BPP_")
        yield failure("settings", one, _OF_SETTINGS.get(name, ()), do="mend this setting; nothing starts before")


async def look(ground: Ground) -> list[Finding]:
    """The keys in force and the mode of their file."""
    settings = ground.settings
    mode = await asyncio.to_thread(_mode, settings.key_file) if settings.kept_keys else None
    keys = ground.keys.current()
    return [*judge(keys, ground.clock(), mode), *judge_left_over(settings, keys)]


def _mode(file: str) -> int:
    return stat.S_IMODE(Path(file).stat().st_mode)


def judge(keys: KeySet, now: datetime, mode: int | None) -> Iterator[Finding]:
    """``mode`` is that of the key file, None without one."""
    yield ok("settings", "they load; private keys are whole, and the halves of 64-byte forms agree")
    pair = keys.signing
    if pair.valid_until is not None and pair.valid_until < now:
        yield failure(
            "signing key",
            f"{pair.unique_key_id} ended at {pair.valid_until:%Y-%m-%d %H:%M} UTC",
            ("1045",),
            do="bpp keys rotate --new",
        )
    elif pair.valid_until is not None and pair.valid_until < now + SOON and keys.coming is None:
        yield warning(
            "signing key",
            f"{pair.unique_key_id} ends at {pair.valid_until:%Y-%m-%d %H:%M} UTC",
            ("1045",),
            do="bpp keys rotate --new",
        )
    else:
        yield ok("signing key", f"{pair.unique_key_id} signs")
    if keys.coming is not None:
        yield ok("rotation", f"{keys.coming.unique_key_id} is {keys.coming.stage}; bpp keys rotate says what is next")
    retired = [pair.unique_key_id for pair in keys.pairs if pair.stage is Stage.RETIRED]
    if retired:
        yield ok("retired keys", f"{', '.join(retired)}: they still open challenges")
    if mode is not None and mode & 0o077:
        yield warning("key file", f"others may read it: mode {mode:04o}", do="chmod 600 it")


def judge_left_over(settings: Settings, keys: KeySet) -> Iterator[Finding]:
    """Of another key in the settings beside a key file: it would sign again, unknown to the registry, without the file.

    The sandbox has keys of its own in the settings, always.
    """
    held = settings.kept_keys and not settings.sandbox and settings.model_fields_set & {"signing_key", "signing_keys"}
    if held and settings.active_signing_key != keys.signing.signing_key:
        yield warning(
            "key of the settings",
            f"if the key file were lost, {settings.unique_key_id} would sign at the next start, as before the rotation",
            ("1010", "1045"),
            do="take BPP_SIGNING_KEY, BPP_SIGNING_KEYS, BPP_ENCRYPTION_KEY and BPP_UNIQUE_KEY_ID out of the settings: "
            "nothing starts then without the file",
        )
