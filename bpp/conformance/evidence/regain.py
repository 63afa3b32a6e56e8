"""Folders of evidence read back: flows as they were played, and everything that was changed since."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from beckn_schemas.registry import Role
from bpp.conformance.evidence.jsontext import read_values
from bpp.conformance.evidence.manifest import (
    MANIFEST,
    MISSHAPEN,
    SEAL,
    Entry,
    Told,
    digests,
    is_manifest,
    seal_problem,
    told_by,
)
from bpp.conformance.evidence.notes import Change, ReadFile, Sealed, read_files
from bpp.conformance.evidence.walk import LARGEST_FILE, content
from bpp.conformance.record import Flow, Record
from bpp.sandbox.directory import Directory
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
    directory = Directory(registry) if registry else None
    places = [PurePosixPath("."), *(PurePosixPath(one.name) for one in sorted(folder.iterdir()) if one.is_dir())]
    found = (_regained(folder, place, directory) for place in places)
    return tuple(one for one in found if one is not None)


def is_ours(folder: Path) -> bool:
    """Whether a folder holds evidence just as it was written, and nothing else."""
    found = _regained(folder, PurePosixPath("."), None)
    return found is not None and not (found.seal.signature or found.seal.changed or found.seal.missing_or_added)


def _regained(folder: Path, place: PurePosixPath, directory: Directory | None) -> Regained | None:
    manifest, seal = (_bytes(folder / place / name) for name in (MANIFEST, SEAL))
    document = parsed(manifest or b"")
    if seal is None and not is_manifest(document):
        return None
    name = str(place / MANIFEST)
    changed: list[Change] = []
    missing: list[Change] = []
    read: list[ReadFile] = []
    try:
        told = told_by(document)
        flows = tuple(_flow(folder, place, one, directory, changed, missing, read) for one in told)
    except MISSHAPEN:
        problem = "the manifest is missing" if manifest is None else "the manifest cannot be read"
        return Regained(under=place, seal=_sealed(name, 0, problem), flows=())
    named = {one.file for flow in told for one in flow.entries} | {MANIFEST, SEAL}
    missing += [
        Change(file=str(place / one), expected="no file that the manifest does not name", found="a file")
        for one in _all_files(folder / place)
        if one not in named
    ]
    records = directory.records() if directory else None
    problem, unproven = (
        seal_problem(manifest or b"", document, seal, records) if seal is not None else ("it is missing", "")
    )
    files = sum(len(one.entries) for one in told)
    return Regained(
        under=place, seal=_sealed(name, files, problem, unproven, changed, missing), flows=flows, read=tuple(read)
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
    directory: Directory | None,
    changed: list[Change],
    missing: list[Change],
    read: list[ReadFile],
) -> Flow:
    records: list[Record] = []
    for entry in told.entries:
        file = str(place / entry.file)
        body = _bytes(folder / place / entry.file) if _is_inside(entry.file) else None
        if body is None:
            missing.append(Change(file=file, expected="the file that the manifest names", found="none"))
            continue
        if (entry.blake2b_512, entry.sha256) != digests(body):
            changed.append(Change(file=file, expected=f"SHA-256 {entry.sha256}", found=f"SHA-256 {digests(body)[1]}"))
        record = _proven(entry, body, directory)
        if not record.probe:
            read += read_files(file, read_values(body, prose=False)[1], request=record.sent)
        records.append(record)
    return replace(told.flow, records=tuple(records))


def _proven(entry: Entry, body: bytes, directory: Directory | None) -> Record:
    """The record; a signature that was found good is looked at again where a registry file says whose key it is."""
    record = entry.record(body, parsed(body))
    if directory is None or record.problem != "" or record.headers is None or record.at is None:
        return record
    headers = [value for name, value in record.headers.items() if name.lower() == "authorization"]
    try:
        directory.signer(headers, body, Role.BPP, record.at)
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
