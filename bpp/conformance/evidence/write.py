"""Writes the folder of evidence that ONDC's reviewers expect, and beside it what proves it.

``<Entity>/seller/core-apis/<flow>_flow/<action>.json``: one payload per file, the exact bytes. The flows of ONDC's
``flows.md`` stand there, those of grievances and settlement in a folder of their specification (as
``seller/igm-2.0.0``), what was tried beyond them in ``seller/probes``: a pull request has no probes. Flows of
the first domain stand there, those of further domains in a folder of the domain between, as
``core-apis/SRV11/<flow>_flow``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from beckn_schemas.registry import Subscriber
from bpp.conformance.evidence.manifest import MANIFEST, SEAL, Placed, Signer, manifest_of, seal_of
from bpp.conformance.evidence.naming import file_names, folder_name
from bpp.conformance.evidence.participants import REGISTRY, registry_of
from bpp.conformance.evidence.regain import is_ours
from bpp.conformance.programme import SCENARIOS
from bpp.conformance.record import Flow

SELLER = "seller"
CORE_APIS = f"{SELLER}/core-apis"
PROBES = f"{SELLER}/probes"
ROOTS = {one.name: CORE_APIS if one.core else f"{SELLER}/{one.apis}" for one in SCENARIOS if one.core or one.apis}
"""Where flows stand that reviewers ask for, by the scenario's name."""


class EvidenceError(Exception):
    """Evidence cannot be written there; the text says why."""


def check_place(folder: Path, entity: str) -> Path:
    """The folder that this entity's evidence will have. Raises ``EvidenceError`` where another one is there."""
    target = folder / folder_name(entity)
    if os.path.lexists(target) and (target.is_symlink() or not target.is_dir() or not is_ours(target)):
        raise EvidenceError(f"{target} is not evidence as we wrote it: move it away, or choose another directory")
    return target


def write_evidence(
    folder: Path, entity: str, flows: Sequence[Flow], signer: Signer, registry: Sequence[Subscriber] = ()
) -> Path:
    """Write what was said and what the registry says of those who said it, and give the entity's folder back.

    The folder appears whole or not at all. One that this function wrote before and nobody touched is replaced; any
    other is left alone and ``EvidenceError`` raised. Raises ``OSError`` where nothing can be written.
    """
    target = check_place(folder, entity)
    folder.mkdir(parents=True, exist_ok=True)
    placed = placed_flows(flows)
    contents = {file: record.body for one in placed for file, record in zip(one.files, one.flow.records, strict=True)}
    beside = {REGISTRY: registry_of(flows, signer.key_id.subscriber_id, registry)} if registry else {}
    manifest = manifest_of(entity, placed, signer, beside)
    contents |= {**beside, MANIFEST: manifest, SEAL: seal_of(manifest, signer)}
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=folder))
    try:
        _fill(draft / target.name, contents)
        if target.exists():
            target.rename(draft / "before")  # a folder takes the place of another only where that is empty
        (draft / target.name).rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def placed_flows(flows: Sequence[Flow]) -> tuple[Placed, ...]:
    """Where the messages of each flow stand. A flow that has a folder already (it was played twice) gets a number."""
    first = next((one.domain for one in flows), "")
    taken: set[str] = set()
    placed = []
    for flow in flows:
        level = [] if flow.domain == first else [folder_name(flow.domain.removeprefix("ONDC:"))]
        stem = "/".join([ROOTS.get(flow.name, PROBES), *level, f"{folder_name(flow.name)}_flow"])
        place, count = stem, 1
        while place.lower() in taken:
            count += 1
            place = f"{stem}_{count}"
        taken.add(place.lower())
        placed.append(Placed(flow=flow, files=tuple(f"{place}/{name}" for name in file_names(flow))))
    return tuple(placed)


def _fill(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder that is not there yet, and see that they reach the disk."""
    for file, body in contents.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
