"""The steps of a rotation, each from one ``KeySet`` to the next. Pure: time and keys are arguments.

    begin      a pair is made; the server knows it, the old one signs
    registered the registry has acknowledged it
    switch     the new pair signs, since it was seen in the registry; the old one is retired
    expire     retired pairs go when nobody can need them any more
    abandon    the pair that was to come goes

No request is lost on the way: a peer looks a key up by subscriber_id and ukId, so a new ukId that is used only once the
registry shows it meets no cache that says otherwise, and what the old key signed is verified by the old record, which
the registry keeps until its own end (pitfall 12 of security.md 5.1).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bpp.keys.model import KeyPair, KeySet, Stage
from signing.keys import EncryptionKey, SigningKey


class RotationError(Exception):
    """A step that cannot be taken now; the text says why."""


def begin(
    keys: KeySet,
    *,
    unique_key_id: str,
    signing_key: SigningKey,
    encryption_key: EncryptionKey,
    request_id: str,
    now: datetime,
    valid_for: timedelta,
) -> KeySet:
    """With a new pair that signs nothing yet. Raises ``RotationError`` while another is coming, or for a used id."""
    if keys.coming is not None:
        raise RotationError(f"a rotation is under way: {keys.coming.unique_key_id} is {keys.coming.stage}")
    if any(pair.unique_key_id == unique_key_id for pair in keys.pairs):
        raise RotationError(f"{unique_key_id} is the id of a pair that we have; another is expected")
    made = KeyPair(
        unique_key_id=unique_key_id,
        stage=Stage.MADE,
        signing_key=signing_key,
        encryption_key=encryption_key,
        request_id=request_id,
        since=now,
        valid_from=now,
        valid_until=now + valid_for,
    )
    return _with(keys, (*keys.pairs, made))


def registered(keys: KeySet, now: datetime) -> KeySet:
    """The registry has acknowledged the coming pair. Safe to repeat."""
    coming = _coming(keys)
    return keys if coming.stage is Stage.REGISTERED else _moved(keys, {coming.unique_key_id: Stage.REGISTERED}, now)


def awaited(keys: KeySet, pair: KeyPair) -> KeySet:
    """The same keys, if this pair is still the one that is to come. Raises ``RotationError``.

    Another command may have been here since the pair was looked up or announced.
    """
    coming = _coming(keys)
    if coming.unique_key_id != pair.unique_key_id or coming.signing_key != pair.signing_key:
        raise RotationError(f"{pair.unique_key_id} is no longer to come, {coming.unique_key_id} is; look again")
    return keys


def switch(keys: KeySet, now: datetime) -> KeySet:
    """The coming pair signs, and the one that did is retired. Only after the registry was seen to show it."""
    return _moved(keys, {_coming(keys).unique_key_id: Stage.SIGNING, keys.signing.unique_key_id: Stage.RETIRED}, now)


def expire(keys: KeySet, now: datetime, grace: timedelta) -> KeySet:
    """Without the retired pairs whose grace, or whose own validity, is over. None goes while another is coming.

    During a rotation the registry challenges us with a key that it knew, which may be an older one.
    """
    if keys.coming is not None:
        return keys
    return _with(keys, tuple(pair for pair in keys.pairs if not _over(pair, now, grace)))


def abandon(keys: KeySet) -> KeySet:
    """Without the pair that was to come."""
    coming = _coming(keys)
    return _with(keys, tuple(pair for pair in keys.pairs if pair is not coming))


def trust(keys: KeySet, registry_key: bytes) -> KeySet:
    """With another encryption key of the registry, tried first. Safe to repeat."""
    others = tuple(key for key in keys.registry_encryption_keys if key != registry_key)
    return keys.model_copy(update={"registry_encryption_keys": (registry_key, *others)})


def distrust(keys: KeySet, registry_key: bytes) -> KeySet:
    """Without a key that the registry no longer uses. Raises ``RotationError`` for the last one."""
    others = tuple(key for key in keys.registry_encryption_keys if key != registry_key)
    if not others:
        raise RotationError("the last encryption key of the registry cannot go: no challenge could be answered")
    return keys.model_copy(update={"registry_encryption_keys": others})


def next_step(keys: KeySet, grace: timedelta) -> str:
    """What is to be done next, for the person who rotates."""
    coming = keys.coming
    if coming is not None and coming.stage is Stage.MADE:
        return (
            "announce it to the registry: bpp keys rotate --entity FILE --subscribe URL; "
            "or by hand with --entity FILE --payload FILE, and then bpp keys rotate --registered"
        )
    if coming is not None:
        return "wait until the registry shows it; then bpp keys rotate lets it sign"
    retired = [pair for pair in keys.pairs if pair.stage is Stage.RETIRED]
    if retired:
        due = min(pair.since for pair in retired) + grace
        return f"bpp keys rotate after {due:%Y-%m-%d %H:%M} UTC removes what is retired"
    return "no rotation is under way; bpp keys rotate --new begins one"


def _over(pair: KeyPair, now: datetime, grace: timedelta) -> bool:
    if pair.stage is not Stage.RETIRED:
        return False
    return now >= pair.since + grace or (pair.valid_until is not None and now > pair.valid_until)


def _coming(keys: KeySet) -> KeyPair:
    if keys.coming is None:
        raise RotationError("no rotation is under way")
    return keys.coming


def _moved(keys: KeySet, stages: dict[str, Stage], now: datetime) -> KeySet:
    return _with(
        keys,
        tuple(
            pair.model_copy(update={"stage": stages[pair.unique_key_id], "since": now})
            if pair.unique_key_id in stages
            else pair
            for pair in keys.pairs
        ),
    )


def _with(keys: KeySet, pairs: tuple[KeyPair, ...]) -> KeySet:
    return KeySet(
        pairs=pairs,
        previous_encryption_keys=keys.previous_encryption_keys,
        registry_encryption_keys=keys.registry_encryption_keys,
    )
