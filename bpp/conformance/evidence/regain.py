"""Folders of evidence read back: flows as they were played, and everything that was changed since."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from beckn_schemas.registry import RegistryFileError, Role, Subscriber, parse_registry_file
from bpp.conformance.evidence.jsontext import read_values
from bpp.conformance.evidence.manifest import (
    MANIFEST,
    MISSHAPEN,
    SEAL,
    Entry,
    Sealing,
    Told,
    beside_by,
    is_manifest,
    seal_problem,
    told_by,
)
from bpp.conformance.evidence.notes import Change, ReadFile, Sealed, read_files
from bpp.conformance.evidence.participants import REGISTRY
from bpp.conformance.evidence.walk import LARGEST_FILE, content
from bpp.conformance.record import Flow, Record
from bpp.sandbox.directory import signer_of
from bpp.sandbox.exchange import parsed
from signing.errors import SignatureError


@dataclass(frozen=True, slots=True, kw_only=True)
class Regained:
    """One entity's evidence. ``under`` is its folder, seen from the one that was read; ``flows`` are what it tells.

    ``read`` are the files of its messages but for requests that try something: those may be broken on purpose.
    """

    under: PurePosixPath
    seal: Sealed
    flows: tuple[Flow, ...]
    read: tuple[ReadFile, ...] = ()


def regained(folder: Path, registry: Path | None) -> tuple[Regained, ...]:
    """The evidence in a folder: its own, or that of the entities in it. Raises ``OSError``, ``RegistryFileError``."""
    known = parse_registry_file(registry.read_bytes()) if registry else None
    places = [PurePosixPath("."), *(PurePosixPath(one.name) for one in sorted(folder.iterdir()) if one.is_dir())]
    found = (_regained(folder, place, known) for place in places)
    return tuple(one for one in found if one is not None)


def is_ours(folder: Path) -> bool:
    """Whether a folder holds evidence just as it was written, and nothing else."""
    found = _regained(folder, PurePosixPath("."), None)
    return found is not None and not (found.seal.signature or found.seal.changed or found.seal.missing_or_added)


def _regained(folder: Path, place: PurePosixPath, known: Sequence[Subscriber] | None) -> Regained | None:
    """``known`` are the reader's own registry records; without them callbacks are judged by the folder's."""
    manifest, seal = (_bytes(folder / place / name) for name in (MANIFEST, SEAL))
    document = parsed(manifest or b"")
    if seal is None and not is_manifest(document):
        return None
    name = str(place / MANIFEST)
    changed: list[Change] = []
    missing: list[Change] = []
    read: list[ReadFile] = []
    try:
        told, beside = told_by(document), beside_by(document)
        bodies = {one.file: _sealed_bytes(folder, place, one, changed, missing) for one in beside}
        records = known if known is not None else _records(bodies.get(REGISTRY))
        flows = tuple(_flow(folder, place, one, records, changed, missing, read) for one in told)
    except MISSHAPEN:
        problem = "the manifest is missing" if manifest is None else "the manifest cannot be read"
        return Regained(under=place, seal=_sealed(name, 0, problem), flows=())
    sealings = [*beside, *(one.sealing for flow in told for one in flow.entries)]
    named = {one.file for one in sealings} | {MANIFEST, SEAL}
    missing += [
        Change(file=str(place / one), expected="no file that the manifest does not name", found="a file")
        for one in _all_files(folder / place)
        if one not in named
    ]
    problem, unproven = (
        seal_problem(manifest or b"", document, seal, known) if seal is not None else ("it is missing", "")
    )
    return Regained(
        under=place,
        seal=_sealed(name, len(sealings), problem, unproven, changed, missing),
        flows=flows,
        read=tuple(read),
    )


def _sealed(
    manifest: str,
    files: int,
    signature: str,
    unproven: str = "",
    changed: Sequence[Change] = (),
    missing: Sequence[Change] = (),
) -> Sealed:
    return Sealed(
        manifest=manifest,
        files=files,
        signature=signature,
        unproven=unproven,
        changed=tuple(changed),
        missing_or_added=tuple(missing),
    )


def _flow(
    folder: Path,
    place: PurePosixPath,
    told: Told,
    registry: Sequence[Subscriber] | None,
    changed: list[Change],
    missing: list[Change],
    read: list[ReadFile],
) -> Flow:
    records: list[Record] = []
    for entry in told.entries:
        body = _sealed_bytes(folder, place, entry.sealing, changed, missing)
        if body is None:
            continue
        record = _proven(entry, body, registry)
        if not record.probe:
            read += read_files(str(place / entry.sealing.file), read_values(body, prose=False)[1], request=record.sent)
        records.append(record)
    return replace(told.flow, records=tuple(records))


def _sealed_bytes(
    folder: Path, place: PurePosixPath, sealing: Sealing, changed: list[Change], missing: list[Change]
) -> bytes | None:
    """What stands in a file that the manifest names; None where it is not there. What differs is noted."""
    file = str(place / sealing.file)
    body = _bytes(folder / place / sealing.file) if _is_inside(sealing.file) else None
    if body is None:
        missing.append(Change(file=file, expected="the file that the manifest names", found="none"))
    elif not sealing.holds(body):
        found = f"SHA-256 {hashlib.sha256(body).hexdigest()}"
        changed.append(Change(file=file, expected=f"SHA-256 {sealing.sha256}", found=found))
    return body


def _records(body: bytes | None) -> Sequence[Subscriber] | None:
    """The folder's own registry records; None where it has none that can be read."""
    try:
        return parse_registry_file(body) if body is not None else None
    except RegistryFileError:
        return None


def _proven(entry: Entry, body: bytes, registry: Sequence[Subscriber] | None) -> Record:
    """The record; a signature that was found good is looked at again where a registry file says whose key it is."""
    record = entry.record(body, parsed(body))
    if registry is None or record.problem != "" or record.headers is None or record.at is None:
        return record
    headers = [value for name, value in record.headers.items() if name.lower() == "authorization"]
    try:
        signer_of(registry, headers, body, Role.BPP, record.at)
    except SignatureError as problem:
        return replace(record, problem=problem.reason)
    return record


def _is_inside(file: str) -> bool:
    path = PurePosixPath(file)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _bytes(path: Path) -> bytes | None:
    """The bytes of a file, not of what a link points to; None where there is none, or a longer one than we write."""
    try:
        if path.lstat().st_size > LARGEST_FILE:
            return None
        return content(path.parent, PurePosixPath(path.name))
    except OSError:
        return None


def _all_files(folder: Path) -> Iterator[str]:
    """Every file of a folder, hidden ones and links to folders, too, by its path under it."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        links = [one for one in folders if (Path(root) / one).is_symlink()]
        for name in sorted([*names, *links]):
            yield (Path(root) / name).relative_to(folder).as_posix()
