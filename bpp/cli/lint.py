"""``bpp catalog lint``: what a buyer app would refuse of a catalog, or a buyer be misled by."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bpp.cli.output import MISUSED, AsJson, fail, show, table
from bpp.cli.rate_lists import with_storage
from bpp.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.lint import Finding
    from catalog.load import CatalogData
    from catalog.model import Worker

COLUMNS = ("level", "provider_id", "offering_id", "kind", "text")


def lint(
    directory: Annotated[
        Path | None, typer.Argument(help="Folder with the CSV files that `bpp catalog schema` describes.")
    ] = None,
    *,
    database: Annotated[bool, typer.Option("--database", help="What the database holds instead.")] = False,
    provider: Annotated[str, typer.Option(help="Only this provider's.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for what only misleads, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a buyer app would refuse or a buyer be misled by; ends with 1 where anything would be refused.

    Example: bpp catalog lint --database --provider P-GOMTI
    """
    if database == (directory is not None):
        fail("either a folder or --database is expected", status=MISUSED)
    data = _data(directory)
    found = [one for one in _findings(data) if provider in ("", one.provider_id)]
    counts = Counter(one.level for one in found)
    rows = [dataclasses.asdict(one) for one in found]
    document = {"findings": rows, "counts": dict(counts)}
    text = table(rows, COLUMNS, empty="nothing to complain about")
    if counts["refused"] or (strict and found):
        fail(text, document=document, as_json=as_json)
    show(document, text, as_json=as_json)


def _data(directory: Path | None) -> CatalogData:
    from catalog.load import CatalogProblems, read_catalog  # noqa: PLC0415  heavy: only this command waits for it

    if directory is None:
        return asyncio.run(with_storage(lambda storage: storage.read(lambda work: work.directory.load())))
    try:
        return read_catalog(directory)
    except CatalogProblems as wrong:
        return fail(f"{wrong}\n{len(wrong.problems)} problems; nothing was looked at")


def _findings(data: CatalogData) -> list[Finding]:
    from bpp.actions.catalog_rules import broken_on_the_wire  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.app import utc_now  # noqa: PLC0415
    from bpp.orders.assignment import local_day  # noqa: PLC0415
    from bpp.worlds import identity_of  # noqa: PLC0415
    from catalog.lint import lint as lint_catalog  # noqa: PLC0415

    now = utc_now()
    identity = identity_of(load_settings(os.environ))
    return sorted(
        [*lint_catalog(data, local_day(now)), *broken_on_the_wire(data, identity, now), *_telephones(data.workers)]
    )


def _telephones(workers: Iterable[Worker]) -> Iterator[Finding]:
    from bpp.core.sign_in import shared_numbers  # noqa: PLC0415  heavy: only this command waits for it
    from catalog.lint import Finding  # noqa: PLC0415

    for several in shared_numbers(workers):
        ids = ", ".join(one.id for one in several)
        for provider_id in dict.fromkeys(one.provider_id for one in several):
            text = f"workers with one telephone, of whom none can sign in: {ids}"
            yield Finding(provider_id, "", "misleading", "telephone_of_several", text)
