"""``bpp incident``: what CERT-In and whoever helps must have of some hours, in one file, without personal data."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import os
import platform
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import aiohttp
import orjson
import typer

from bpp.cli.audit import document as audit_document
from bpp.cli.audit import on_storage
from bpp.cli.client import ANYWHERE
from bpp.cli.config import masked
from bpp.cli.output import MISUSED, AsJson, fail, show
from bpp.setting_types import LOGS_KEPT
from bpp.settings import Settings, load_settings

if TYPE_CHECKING:
    from bpp.core.verifying import Verified
    from bpp.doctor.finding import Finding
    from bpp.storage.ports import Storage

PACKAGES = ("sewamitra-bpp", "aiohttp", "SQLAlchemy", "aiosqlite", "asyncpg", "pydantic", "PyNaCl", "cryptography")
AT_ONCE = 5_000
PATIENCE = aiohttp.ClientTimeout(total=5)


def incident(
    *,
    since: Annotated[str, typer.Option("--from", help="As 2026-11-23T09:00, Indian time unless it says another.")],
    until: Annotated[str, typer.Option("--until", help="The same; before it.")],
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where; there must be nothing yet.")],
    as_json: AsJson = False,
) -> None:
    """Put together what is told of an incident, without personal data of consumers and without secrets.

    Versions, settings, fingerprints of keys, the doctor's findings, the logs of the time with digests, whether the
    audit chain holds, figures, and CERT-In's form as far as the program can fill it in.

    Example: bpp incident --from 2026-11-23T09:00 --until 2026-11-23T18:00 --out incident.zip
    """
    first, last = _moment("--from", since), _moment("--until", until)
    if first >= last:
        fail("--until: a moment after --from is expected", status=MISUSED)
    settings = load_settings(os.environ)
    try:
        descriptor = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        fail(f"{out}: is there already", status=MISUSED)
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            asyncio.run(on_storage(settings, lambda storage: _fill(bundle, settings, storage, first, last)))
            names = bundle.namelist()
    except BaseException:
        out.unlink()  # half a bundle would be taken for a whole one, and stand in the way of the next
        raise
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    text = f"{out}: {', '.join(names)}\nsha256 {digest}"
    show({"bundle": str(out), "sha256": digest, "files": names}, text, as_json=as_json)


async def _fill(bundle: zipfile.ZipFile, settings: Settings, storage: Storage, first: datetime, last: datetime) -> None:
    from bpp.audit.incident import TOLD, form  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.core.verifying import verify  # noqa: PLC0415
    from bpp.doctor.finding import document as doctor_document  # noqa: PLC0415

    now = datetime.now(UTC)
    versions = _versions()
    findings = await _examined(settings)
    counts = {table: await _log(bundle, table, storage, first, last) for table in TOLD}
    verified = await verify(storage, now, least_kept=LOGS_KEPT)
    facts = _facts(settings, versions, findings, counts, verified, (first, last, now))
    for name, content in (
        ("versions.json", versions),
        ("settings.json", masked(settings)),
        ("keys.json", _keys(settings)),
        ("doctor.json", doctor_document(findings)),
        ("audit.json", audit_document(verified)),
    ):
        bundle.writestr(name, orjson.dumps(content, option=orjson.OPT_INDENT_2))
    bundle.writestr("metrics.txt", await _metrics(settings))
    bundle.writestr("report.txt", form(facts))


async def _log(bundle: zipfile.ZipFile, table: str, storage: Storage, first: datetime, last: datetime) -> int:
    """One row a line; how many."""
    from bpp.audit.incident import TOLD, scrubbed  # noqa: PLC0415

    lowest, highest = await storage.read(lambda work: work.seals.bounds(table, first, last))
    count = 0
    with bundle.open(f"{table}.jsonl", "w") as lines:
        while rows := await storage.read(
            lambda work, after=lowest: work.seals.rows(table, TOLD[table], after, highest, AT_ONCE)  # type: ignore[misc]
        ):
            for row in rows:
                if first <= row["at"] < last:
                    told = {name: scrubbed(one) if name == "detail" else one for name, one in row.items()}
                    lines.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
                    count += 1
            lowest = rows[-1]["seq"] + 1
    return count


async def _examined(settings: Settings) -> Sequence[Finding]:
    """All probes but the measured one: it would slow down whoever is served."""
    from bpp.doctor.examine import PROBES, carried_out  # noqa: PLC0415
    from bpp.doctor.ground import standing  # noqa: PLC0415

    async with standing(settings, clock=lambda: datetime.now(UTC)) as ground:
        found = await asyncio.gather(*(carried_out(probe, ground) for probe in PROBES))
    return [finding for findings in found for finding in findings]


async def _metrics(settings: Settings) -> str:
    """The figures of a running server, or why there are none."""
    url = f"http://{ANYWHERE.get(settings.host, settings.host)}:{settings.port}/metrics"
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(url) as answer:
            return await answer.text()
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        return f"# no figures: {url} does not answer ({type(problem).__name__})\n"


def _keys(settings: Settings) -> list[dict[str, Any]]:
    """Our public keys and their fingerprints, SHA-256; no private one."""
    from bpp.keys.own import OwnKeys  # noqa: PLC0415
    from signing.keys import encode_public_key  # noqa: PLC0415

    def told(key: Any) -> dict[str, str]:
        public = encode_public_key(key)
        return {"public": public, "sha256": hashlib.sha256(public.encode()).hexdigest()}

    return [
        {
            "unique_key_id": pair.unique_key_id,
            "stage": pair.stage.value,
            "signing": told(pair.signing_key),
            "encryption": told(pair.encryption_key),
        }
        for pair in OwnKeys(settings).current().pairs
    ]


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _facts(
    settings: Settings,
    versions: dict[str, str],
    findings: Sequence[Finding],
    counts: dict[str, int],
    verified: Verified,
    times: tuple[datetime, datetime, datetime],
) -> Any:
    from bpp.audit.incident import Facts  # noqa: PLC0415
    from bpp.doctor.finding import State  # noqa: PLC0415
    from bpp.storage.engine import is_sqlite  # noqa: PLC0415

    since, until, made_at = times
    sealed = f"sealed up to {verified.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if verified.sealed_at else "not sealed"
    holds = "holds" if not verified.faults else f"DOES NOT HOLD, first {verified.faults[0]}"
    return Facts(
        organisation=settings.legal_name,
        gstin=settings.gstin,
        contact=settings.gro_name,
        contact_phone=settings.gro_phone,
        contact_email=settings.gro_email,
        subscriber=settings.subscriber_id,
        address=settings.subscriber_uri,
        environment=settings.env,
        program=f"sewamitra-bpp {versions['sewamitra-bpp']}, Python {versions['python']}",
        system=versions["system"],
        database="SQLite" if is_sqlite(settings.database_url) else "PostgreSQL",
        since=since,
        until=until,
        made_at=made_at,
        counts=counts,
        audit=f"{holds}; {sealed}; head {verified.head or 'none'}",
        findings=[f"{one.name}: {one.text}" for one in findings if one.state is State.FAILURE],
    )


def _moment(option: str, text: str) -> datetime:
    from catalog.availability import KOLKATA  # noqa: PLC0415

    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option}: a moment as 2026-11-23T09:00 is expected", status=MISUSED)
    return (read if read.tzinfo else read.replace(tzinfo=KOLKATA)).astimezone(UTC)
