"""A provider's rate list at the command line: import with a dry run, export, and what its columns are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from bpp.cli.output import MISUSED, AsJson, fail, show, table
from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.core.rate_lists import Options, Taken
    from bpp.storage.ports import Storage, Work
    from catalog.ratelist.read import RateList
    from catalog.snapshot import Catalog

T = TypeVar("T")
Provider = Annotated[str, typer.Option(help="Whose rate list it is: the id of a provider.")]
Language = Annotated[Literal["hi", "en"], typer.Option(help="Of headings and words.")]

COLUMNS = ("row", "outcome", "offering_id", "name", "category", "what")
FORMS = {".csv": "csv", ".xlsx": "xlsx"}


def import_file(path: Path, provider: str, options: Options, *, as_json: bool) -> None:
    """Take a rate list: say row by row what comes of it, and store it unless a row is refused or it is a dry run."""
    from bpp.operator.imports import shown  # noqa: PLC0415  heavy: only this command waits for it

    if not provider:
        fail("--provider is missing: whose rate list is it?", status=MISUSED)
    taken = asyncio.run(with_storage(lambda storage: _take(storage, _read(path), provider, options)))
    if taken is None:
        fail(f"no provider {provider!r}")
    answer = shown(taken, dry_run=options.dry_run)
    text = _said(taken, dry_run=options.dry_run)
    if taken.checked.faults and not options.skip_faulty:
        fail(text, document=answer.model_dump(), as_json=as_json)
    show(answer.model_dump(), text, as_json=as_json)


def export(
    file: Annotated[Path, typer.Argument(help="Where to write it: a name that ends in .csv or .xlsx.")],
    *,
    provider: Provider,
    language: Language = "hi",
    as_json: AsJson = False,
) -> None:
    """Write a provider's offerings as a rate list, which `bpp catalog import` takes again.

    Example: bpp catalog export --provider P-GOMTI rates.xlsx
    """
    from catalog.ratelist.write import write_rate_list  # noqa: PLC0415  heavy: only this command waits for it

    form = FORMS.get(file.suffix.lower())
    if form is None:
        fail(f"expected a name that ends in .csv or .xlsx, found {file.name}", status=MISUSED)
    data = asyncio.run(with_storage(lambda storage: storage.read(lambda work: work.directory.load())))
    if provider not in {one.id for one in data.providers}:
        fail(f"no provider {provider!r}")
    own = [one for one in data.offerings if one.provider_id == provider]
    file.write_bytes(write_rate_list(own, "csv" if form == "csv" else "xlsx", language))
    show({"file": str(file), "offerings": len(own)}, f"{len(own)} offerings in {file}", as_json=as_json)


def describe_columns(*, as_json: bool) -> None:
    """The columns of a rate list with their headings in both languages, what each means, and an example."""
    from catalog.ratelist.texts import columns  # noqa: PLC0415  heavy: only this command waits for it

    found: list[dict[str, Any]] = [
        {
            "column": one.name,
            "english": one.heading["en"],
            "hindi": one.heading["hi"],
            "example": one.example["en"],
            "example_hindi": one.example["hi"],
            "about": one.about["en"],
            "about_hindi": one.about["hi"],
            "also": list(one.spellings),
        }
        for one in columns().values()
    ]
    names = ("english", "hindi", "example", "example_hindi", "about", "about_hindi")
    show({"columns": found}, lambda: table(found, names, empty=""), as_json=as_json)


async def _take(storage: Storage, rates: RateList, provider: str, options: Options) -> Taken | None:
    from bpp.app import utc_now  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.core.rate_lists import RateListOf, look_at, store  # noqa: PLC0415
    from bpp.orders.assignment import local_day  # noqa: PLC0415

    came = RateListOf(rates=rates, provider_id=provider, options=options, today=local_day(utc_now()))
    looked = await storage.read(_catalog)
    taken = look_at(came, looked)
    if taken is None or options.dry_run:
        return taken

    async def unit(work: Work) -> Taken | None:
        await work.directory.lock()
        unmoved = await work.directory.version() == looked.version
        return await store(came, taken, looked if unmoved else await _catalog(work), work)

    return await storage.run(unit)


async def _catalog(work: Work) -> Catalog:
    from catalog.snapshot import Catalog  # noqa: PLC0415  heavy: only this command waits for it

    version = await work.directory.version()
    data = await work.directory.load()
    return Catalog.build(version=version, providers=data.providers, offerings=data.offerings, workers=data.workers)


def _read(path: Path) -> RateList:
    from catalog.ratelist.read import read_rate_list  # noqa: PLC0415  heavy: only this command waits for it
    from catalog.ratelist.sheet import RateListError  # noqa: PLC0415

    try:
        return read_rate_list(path.read_bytes())
    except RateListError as problem:
        return fail(f"{path.name}: {problem}")


async def with_storage(use: Callable[[Storage], Awaitable[T]]) -> T:
    """Use the database of the settings, brought up to date first."""
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415  heavy: only this command waits for it

    url = load_settings(os.environ).database_url
    await upgrade(url)
    storage = open_storage(url)
    try:
        return await use(storage)
    finally:
        await storage.close()


def _said(taken: Taken, *, dry_run: bool) -> str:
    checked = taken.checked
    rows = [
        {
            "row": one.number,
            "outcome": one.outcome,
            "offering_id": one.offering_id,
            "name": one.name,
            "category": one.category,
            "what": "; ".join(f"{fault.column}: {fault.text}" for fault in one.faults)
            or "; ".join([one.text, *(f"{made.field}: {made.before} -> {made.after}" for made in one.changes)]),
        }
        for one in checked.rows
    ]
    counts = ", ".join(f"{count} {outcome}" for outcome, count in checked.counts.items()) or "no rows"
    verb = "would be stored" if dry_run else "stored"
    notes = [f"{counts}; {len(taken.stored)} offerings {verb}"]
    if checked.absent:
        notes.append(f"not in the list: {', '.join(one.id for one in checked.absent)}")
    if checked.unused:
        notes.append(f"columns not used: {', '.join(checked.unused)}")
    return "\n".join([table(rows, COLUMNS, empty=""), *notes])
