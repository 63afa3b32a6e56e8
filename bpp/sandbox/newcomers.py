"""Buyer apps of other people in the sandbox: put into its registry file and taken out of it again."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import orjson

from beckn_schemas.registry import RegistryFileError, Role, parse_registry_file
from bpp.sandbox.identities import DOMAINS, PARTICIPANTS, record, write_records


class NotRegistered(ValueError):
    """A registration that cannot be; the text says why."""


def register(
    path: Path, subscriber_id: str, *, url: str, public_key: str, unique_key_id: str = "", replace: bool = False
) -> str:
    """Put a buyer app into the registry file, for every domain; its unique key id.

    A key more is a key more: a buyer app may rotate. ``replace`` takes out those it had. The server follows the file at
    once. Raises ``NotRegistered`` and ``OSError``; then the file is as it was.
    """
    if subscriber_id in {one.subscriber_id for one in PARTICIPANTS}:
        raise NotRegistered(f"{subscriber_id} is a participant of the sandbox itself")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotRegistered("--url: an http or https address is expected")
    key_id = unique_key_id or f"{subscriber_id}-1"
    known = _records(path)
    others = [
        one for one in known if one.get("subscriber_id") != subscriber_id or (not replace and one.get("ukId") != key_id)
    ]
    same = [one for one in known if (one.get("subscriber_id"), one.get("ukId")) == (subscriber_id, key_id)]
    if same and not replace and any(one.get("signing_public_key") != public_key for one in same):
        raise NotRegistered(f"{subscriber_id} has another key of the id {key_id}: name another --key-id, or --replace")
    _write(
        path,
        others
        + [
            record(subscriber_id, key_id, url=url.rstrip("/"), role=Role.BAP, domain=one, signing_public_key=public_key)
            for one in DOMAINS
        ],
    )
    return key_id


def unregister(path: Path, subscriber_id: str) -> int:
    """Take a buyer app out again; how many records it had. Raises ``NotRegistered`` for the sandbox's own."""
    if subscriber_id in {one.subscriber_id for one in PARTICIPANTS}:
        raise NotRegistered(f"{subscriber_id} is a participant of the sandbox itself")
    known = _records(path)
    others = [one for one in known if one.get("subscriber_id") != subscriber_id]
    if len(others) < len(known):
        _write(path, others)
    return len(known) - len(others)


def _records(path: Path) -> list[dict[str, object]]:
    data = path.read_bytes()
    try:
        parse_registry_file(data)
    except RegistryFileError as problem:
        raise NotRegistered(f"{path}: {problem}") from problem
    records: list[dict[str, object]] = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    return records


def _write(path: Path, records: list[dict[str, object]]) -> None:
    try:
        parse_registry_file(orjson.dumps(records))
    except RegistryFileError as problem:
        raise NotRegistered(str(problem)) from problem
    write_records(path, records)
