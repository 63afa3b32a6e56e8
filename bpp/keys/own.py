"""Our keys of the moment: what a running server signs with, and opens challenges with.

``BPP_KEY_FILE`` holds them once a rotation has begun; it is read again whenever it changes, so that neither a new key
of ours nor one of the registry needs a restart. Until the file exists the settings' own keys serve.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bpp.followed import FollowedFile
from bpp.keys.model import KeyFileError, KeyPair, KeySet, Stage, key_file, parse_key_file
from bpp.settings import PREFIX, Settings, SettingsProblems
from signing.header import KeyId
from signing.sandbox_keys import ROLES, sandbox_encryption_key, sandbox_signing_key
from signing.signature import sign, sign_digest

PRIVATE = 0o600
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a pair of the settings has been what it is: nobody knows."""


class Source(Protocol):
    """Where keys come from."""

    def state(self) -> KeySet:
        """The keys as they are now."""
        ...


class OwnKeys:
    """The keys of the moment, always asked for anew. Raises ``SettingsProblems`` for a key file that is wrong."""

    def __init__(self, settings: Settings) -> None:
        self._subscriber_id = settings.subscriber_id
        self._source: Source = _source(settings)

    def current(self) -> KeySet:
        """The keys as they are now."""
        return self._source.state()

    def header(self, body: bytes, now: datetime) -> str:
        """A fresh ``Authorization`` for a body, by the pair that signs now."""
        return self.header_by(self.current().signing, body, now)

    def header_of(self, digest: str, now: datetime) -> str:
        """The same for a body whose digest is known."""
        pair = self.current().signing
        key_id = KeyId(self._subscriber_id, pair.unique_key_id)
        return sign_digest(digest, pair.signing_key, key_id, now, valid_until=pair.valid_until)

    def header_by(self, pair: KeyPair, body: bytes, now: datetime) -> str:
        """The same by another pair of ours; it never outlives that pair."""
        key_id = KeyId(self._subscriber_id, pair.unique_key_id)
        return sign(body, pair.signing_key, key_id, now, valid_until=pair.valid_until)

    def rotating(self, now: datetime) -> bool:
        """Whether a peer may not know our key yet, or no longer, though it is a good one."""
        return self.current().rotating(now)


def keys_of(settings: Settings) -> KeySet:
    """The keys that the settings themselves hold, as one ``KeySet``."""
    named = {**settings.signing_keys, settings.unique_key_id: settings.active_signing_key}
    pairs = tuple(
        KeyPair(
            unique_key_id=name,
            stage=Stage.SIGNING if name == settings.unique_key_id else Stage.RETIRED,
            signing_key=key,
            encryption_key=settings.encryption_key,
            request_id=settings.site_request_id,
            since=LONG_AGO,
        )
        for name, key in named.items()
    )
    return KeySet(
        pairs=pairs,
        previous_encryption_keys=settings.previous_encryption_keys,
        registry_encryption_keys=settings.registry_encryption_keys,
    )


class Changed:
    """Keys under change."""

    def __init__(self, keys: KeySet) -> None:
        self.keys = keys
        self.is_new = False

    def put(self, keys: KeySet) -> None:
        """These instead."""
        self.is_new = self.is_new or keys != self.keys
        self.keys = keys


@contextmanager
def changing(settings: Settings) -> Iterator[Changed]:
    """The keys, to be changed by one command at a time: what ``put`` was told last is written in the end, in one step.

    The file is made where there is none, from the settings' keys, and only its owner may read it. Raises
    ``SettingsProblems`` without ``BPP_KEY_FILE`` or for a file that is wrong, ``OSError`` where it cannot be written.
    """
    if not settings.key_file:
        raise SettingsProblems([f"{PREFIX}KEY_FILE: the path of the key file is expected, where new keys are kept"])
    path = Path(settings.key_file)
    draft = path.with_name(path.name + ".new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError as problem:
        text = f"{draft} is there: another change is under way, or broke off; remove it if none is"
        raise SettingsProblems([f"{PREFIX}KEY_FILE: {text}"]) from problem
    try:
        with os.fdopen(handle, "wb") as file:
            changed = Changed(OwnKeys(settings).current())
            yield changed
            file.write(key_file(changed.keys))
            file.flush()
            os.fsync(file.fileno())
        if changed.is_new:
            _owned_as_before(draft, path)
            draft.replace(path)
            _on_disk(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _owned_as_before(draft: Path, path: Path) -> None:
    """Who runs the command as root leaves the file to the server's user, who could not read it otherwise."""
    if os.geteuid() == 0 and path.exists():
        before = path.stat()
        os.chown(draft, before.st_uid, before.st_gid)


def _on_disk(folder: Path) -> None:
    """A power cut must not bring the file before back: the registry may know the new pair a moment from now."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Fixed:
    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    def state(self) -> KeySet:
        return self._keys


def _source(settings: Settings) -> Source:
    if not settings.key_file:
        return _Fixed(keys_of(settings))
    path = Path(settings.key_file)

    def read(data: bytes) -> KeySet:
        keys = parse_key_file(data)
        if not settings.sandbox and _published(keys):
            raise KeyFileError("a published sandbox key is refused outside the sandbox")
        return keys

    try:
        return FollowedFile(path, read, name="key_file", until_then=None if path.exists() else keys_of(settings))
    except (OSError, ValueError) as problem:
        raise SettingsProblems([f"{PREFIX}KEY_FILE: {problem}"]) from problem


def _published(keys: KeySet) -> bool:
    signing = {sandbox_signing_key(role) for role in ROLES} & {pair.signing_key for pair in keys.pairs}
    encryption = {sandbox_encryption_key(role) for role in ROLES} & set(keys.encryption_keys)
    return bool(signing or encryption)
