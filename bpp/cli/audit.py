"""``bpp audit``: whether what was recorded is as it was written; straight on the database of the settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bpp.cli.output import FAILED, MISUSED, AsJson, fail, show
from bpp.errors import Unavailable
from bpp.setting_types import LOGS_KEPT
from bpp.settings import Settings, load_settings

if TYPE_CHECKING:
    from bpp.core.verifying import Verified
    from bpp.storage.ports import Storage

T = TypeVar("T")
audit = typer.Typer(
    no_args_is_help=True,
    help="The audit chain over messages, events of orders, providers, projects and reviews, who read and who signed "
    "in, and the books: what was written once and is sealed cannot be changed unnoticed.",
)


@audit.command("verify")
def verify_chain(
    *,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER:HASH", help="A head that was kept elsewhere, which must be in it. Repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk along the whole chain: every seal, every row it covers, every body that is still there.

    Says what does not hold, the first row first, and up to when everything is sealed. Ends with 1 where something does
    not hold. Safe beside a working server.

    Example: bpp audit verify --head "$(jq -r .audit_head backups/sewamitra-20260101T000000Z/manifest.json)"
    """
    from bpp.audit.chain import head_of  # noqa: PLC0415  heavy: only these commands wait for it
    from bpp.core.verifying import verify  # noqa: PLC0415

    try:
        kept = [head_of(one) for one in head or ()]
    except ValueError as problem:
        fail(f"--head: {problem}", status=MISUSED, as_json=as_json)
    settings = load_settings(os.environ)
    found = asyncio.run(
        on_storage(
            settings,
            lambda storage: verify(storage, datetime.now(UTC), least_kept=LOGS_KEPT, kept=kept),
        )
    )
    show(document(found), lambda: _told(found), as_json=as_json)
    if found.faults:
        raise typer.Exit(FAILED)


@audit.command("head")
def head_of_chain(*, as_json: AsJson = False) -> None:
    """The newest seal: keep it elsewhere, and nobody can write the chain anew. Also in the manifests of backups.

    Example: bpp audit head
    """
    standing = asyncio.run(
        on_storage(load_settings(os.environ), lambda storage: storage.read(lambda work: work.seals.standing()))
    )
    if standing.head is None:
        fail("nothing is sealed yet: a server does it within a minute", document={"head": None}, as_json=as_json)
    told = {"head": str(standing.head), "sealed_at": standing.sealed_at.isoformat() if standing.sealed_at else None}
    show(told, str(standing.head), as_json=as_json)


def document(found: Verified) -> Mapping[str, Any]:
    """What a verification found, for programs."""
    return {
        "holds": not found.faults,
        "sealed_at": found.sealed_at.isoformat() if found.sealed_at else None,
        "head": str(found.head) if found.head else None,
        "seals": found.seals,
        "rows": found.rows,
        "faults": [{"table": one.table, "number": one.number, "text": one.text} for one in found.faults],
    }


def _told(found: Verified) -> str:
    sealed = f"everything is sealed up to {found.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if found.sealed_at else "not sealed"
    said = "holds" if not found.faults else f"DOES NOT HOLD, {len(found.faults)} faults"
    lines = [f"{said}: {found.seals} seals over {found.rows} rows; {sealed}; head {found.head or 'none'}"]
    return "\n".join((*lines, *map(str, found.faults)))


async def on_storage(settings: Settings, doing: Callable[[Storage], Awaitable[T]]) -> T:
    """Do something on the storage of the settings, as it is: no schema is brought up to date for it.

    Raises Unavailable where there is no such database.
    """
    from bpp.storage.engine import database_file, open_storage  # noqa: PLC0415  heavy: only these commands wait for it

    if (file := database_file(settings.database_url)) is not None and not file.exists():
        raise Unavailable(f"{file}: there is no such database")
    storage = open_storage(settings.database_url)
    try:
        return await doing(storage)
    finally:
        await storage.close()
