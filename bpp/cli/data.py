"""``bpp db``, ``bpp seed`` and ``bpp catalog``: the database and what is in it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bpp.cli.lint import lint
from bpp.cli.output import MISUSED, AsJson, fail, show, table
from bpp.cli.rate_lists import Provider, describe_columns, export, import_file
from bpp.settings import Settings, load_settings

if TYPE_CHECKING:
    from bpp.parties.keeping import Differing
    from bpp.storage.ports import Work
    from catalog.load import CatalogData

database = typer.Typer(no_args_is_help=True, help="The database.")
catalog = typer.Typer(no_args_is_help=True, help="The catalog as CSV files, and rate lists of providers.")
catalog.command("export")(export)
catalog.command("lint")(lint)

WORTH_A_LINE = 5_000
AT_ONCE = 2_000
MOST_NAMED = 20
Standing = Annotated[
    bool,
    typer.Option(
        "--standing",
        help="Also over what was decided since of providers and workers that are known: standing, agreements, papers, "
        "availability, leave, contracts. Without it that stays.",
    ),
]


class Scale(StrEnum):
    """How large a catalog to fill a database with."""

    DEMO = "demo"
    DISTRICT = "district"
    UP = "up"


Directory = Annotated[Path, typer.Argument(help="Folder with the CSV files that `bpp catalog schema` describes.")]
Source = Annotated[
    Path,
    typer.Argument(help="Folder of CSV files as `bpp catalog schema` describes them; or a rate list, CSV or XLSX."),
]


@database.command("upgrade")
def upgrade_schema(*, as_json: AsJson = False) -> None:
    """Bring the schema of the database up to date; safe to repeat.

    Example: BPP_DATABASE_URL=postgresql+asyncpg://bpp@localhost/bpp bpp db upgrade
    """
    from bpp.storage.engine import upgrade  # noqa: PLC0415  heavy: only this command waits for it

    asyncio.run(upgrade(load_settings(os.environ).database_url))
    show({"upgraded": True}, "the schema is up to date", as_json=as_json)


@database.command("fill")
def fill_columns(*, as_json: AsJson = False) -> None:
    """Fill what newer revisions added to orders of before, some thousands at a time; safe to repeat, beside servers.

    Example: bpp db fill
    """
    filled = asyncio.run(_filled(load_settings(os.environ)))
    show({"filled": filled}, f"{filled} orders know their district now", as_json=as_json)


def seed(
    *,
    catalog: Annotated[
        str, typer.Option(help="Folder of CSV files; by default that of the settings, or the demonstration catalog.")
    ] = "",
    scale: Annotated[
        Scale | None,
        typer.Option(
            help="demo: the demonstration catalog; district: 4,000 made-up offerings in Lucknow; up: 100,000 in all 75 "
            "districts, by 1,000 providers with 52,349 workers."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also where there is a catalog already.")] = False,
    standing: Standing = False,
    as_json: AsJson = False,
) -> None:
    """Fill an empty database with a catalog; one that has one is left as it is.

    What a scale makes up is the same each time, and nobody in it exists. Example: bpp seed --scale up
    """
    if catalog and scale:
        fail("--catalog and --scale: one of the two is expected", status=MISUSED, as_json=as_json)
    settings = load_settings(os.environ)
    data = _made_up(scale) if scale else _read(_folder(catalog, settings), as_json=as_json)
    stored = _progress(sum(_counted(data).values()))
    differing = asyncio.run(_store(settings, data, force=force, standing=standing, stored=stored))
    found = {"seeded": differing is not None, **_counted(data), **_differing(differing or (), standing=standing)}
    refused = "there is a catalog already; --force stores this one over it"
    text = refused if differing is None else _stored_in_words(data, differing, standing=standing)
    show(found, text, as_json=as_json)


@catalog.command("schema")
def schema(
    *,
    rate_list: Annotated[bool, typer.Option("--rate-list", help="Those of a provider's rate list.")] = False,
    as_json: AsJson = False,
) -> None:
    """The files of a catalog with their columns, each with its meaning and an example.

    Example: bpp catalog schema --rate-list
    """
    if rate_list:
        describe_columns(as_json=as_json)
        return
    from catalog.load import columns  # noqa: PLC0415  heavy: only this command waits for it

    found = [
        {
            "file": one.file,
            "description": one.description,
            "optional": one.optional,
            "columns": [
                {
                    "name": column.name,
                    "required": "yes" if column.required else "no",
                    "example": column.example,
                    "description": column.description,
                }
                for column in one.columns
            ],
        }
        for one in columns()
    ]
    show({"files": found}, lambda: "\n\n".join(_described(one) for one in found), as_json=as_json)


@catalog.command("import")
def import_catalog(
    source: Source,
    *,
    provider: Provider = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    skip_faulty: Annotated[
        bool, typer.Option("--skip-faulty", help="Of a rate list: the sound rows although others are refused.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Of a rate list: make inactive what it leaves out.")
    ] = False,
    standing: Standing = False,
    as_json: AsJson = False,
) -> None:
    """Check a catalog or a provider's rate list and store it: all of it, or nothing where anything is wrong.

    What is in the database under other ids stays. Example: bpp catalog import rates.xlsx --provider P-GOMTI --dry-run
    """
    if not source.is_dir() and source.exists():
        from bpp.core.rate_lists import Options  # noqa: PLC0415  heavy: only this command waits for it

        options = Options(dry_run=dry_run, skip_faulty=skip_faulty, replace=replace)
        import_file(source, provider, options, as_json=as_json)
        return
    if provider or skip_faulty or replace:
        fail(f"{source}: no such rate list; --provider, --skip-faulty and --replace are for one", status=MISUSED)
    data = _read(source, as_json=as_json)
    if dry_run:
        found = {"stored": False, **_counted(data), "problems": []}
        show(found, f"{_counts_in_words(data)}: nothing wrong", as_json=as_json)
        return
    differing = asyncio.run(_store(load_settings(os.environ), data, force=True, standing=standing)) or ()
    found = {"stored": True, **_counted(data), "problems": [], **_differing(differing, standing=standing)}
    show(found, _stored_in_words(data, differing, standing=standing), as_json=as_json)


def _folder(catalog: str, settings: Settings) -> Path:
    from catalog.load import DEMO  # noqa: PLC0415  heavy: only this command waits for it

    return Path(catalog or settings.catalog or DEMO)


def _made_up(scale: Scale) -> CatalogData:
    from bpp.app import utc_now  # noqa: PLC0415  heavy: only this command waits for it
    from catalog.availability import KOLKATA  # noqa: PLC0415
    from catalog.load import DEMO, read_catalog  # noqa: PLC0415
    from catalog.synthetic.catalog import synthetic_catalog  # noqa: PLC0415
    from catalog.synthetic.scale import SCALES  # noqa: PLC0415

    if scale is Scale.DEMO:
        return read_catalog(DEMO)
    return synthetic_catalog(SCALES[scale.value], utc_now().astimezone(KOLKATA).date())


def _progress(total: int) -> Callable[[int], None]:
    """Shows on a terminal how far a large catalog is stored."""

    def stored(count: int) -> None:
        if sys.stderr.isatty() and total > WORTH_A_LINE:
            typer.echo(f"\r{count:,} of {total:,} stored", err=True, nl=count == total)

    return stored


def _read(directory: Path, *, as_json: bool) -> CatalogData:
    from catalog.load import CatalogProblems, read_catalog  # noqa: PLC0415  heavy: only this command waits for it

    try:
        return read_catalog(directory)
    except CatalogProblems as wrong:
        problems = [
            {"file": one.file, "line": one.line, "column": one.column, "text": one.text} for one in wrong.problems
        ]
        document = {"stored": False, "problems": problems}
        text = f"{wrong}\n{len(problems)} problems; nothing was stored"
        return fail(text, document=document, as_json=as_json)


async def _filled(settings: Settings) -> int:
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415

    await upgrade(settings.database_url)
    storage = open_storage(settings.database_url)
    whole, after = 0, ""
    try:
        while True:
            filled, after = await storage.run(partial(_fill, after=after))
            whole += filled
            if not after:
                return whole
    finally:
        await storage.close()


async def _fill(work: Work, *, after: str) -> tuple[int, str]:
    return await work.orders.fill_districts(after, AT_ONCE)


async def _store(
    settings: Settings,
    data: CatalogData,
    *,
    force: bool,
    standing: bool,
    stored: Callable[[int], None] = lambda _: None,
) -> Sequence[Differing] | None:
    """Store a catalog; of whom it said otherwise than what was decided, or None where it was not to be stored."""
    from bpp.app import seed as store  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415

    await upgrade(settings.database_url)
    storage = open_storage(settings.database_url)
    try:
        if not force and await storage.read(lambda work: work.directory.version()) != 0:
            return None
        return await store(storage, data, stored, standing=standing)
    finally:
        await storage.close()


def _counted(data: CatalogData) -> dict[str, Any]:
    return {"providers": len(data.providers), "offerings": len(data.offerings), "workers": len(data.workers)}


def _differing(found: Sequence[Differing], *, standing: bool) -> dict[str, Any]:
    listed = [{"subject": one.subject, "id": one.id, "fields": list(one.fields)} for one in found]
    return {"overwritten" if standing else "kept": listed}


def _stored_in_words(data: CatalogData, found: Sequence[Differing], *, standing: bool) -> str:
    """What was stored, and the first of those whose standing was kept, or was not."""
    what = "as the files say" if standing else "kept as it was decided; --standing stores what the files say"
    named = [f"{one.subject} {one.id}: {', '.join(one.fields)} {what}" for one in found[:MOST_NAMED]]
    more = [f"and {len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
    return "\n".join((_counts_in_words(data), *named, *more))


def _counts_in_words(data: CatalogData) -> str:
    return ", ".join(f"{count} {name}" for name, count in _counted(data).items())


def _described(one: dict[str, Any]) -> str:
    optional = " (may be missing)" if one["optional"] else ""
    rows = table(one["columns"], ("name", "required", "example", "description"), empty="")
    return f"{one['file']}{optional}: {one['description']}\n{rows}"
