"""``bpp db``, ``bpp seed`` and ``bpp catalog``: the database and what is in it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bpp.cli.output import MISUSED, AsJson, fail, show, table
from bpp.settings import Settings, load_settings

if TYPE_CHECKING:
    from catalog.load import CatalogData

database = typer.Typer(no_args_is_help=True, help="The database.")
catalog = typer.Typer(no_args_is_help=True, help="The catalog as CSV files.")

WORTH_A_LINE = 5_000


class Scale(StrEnum):
    """How large a catalog to fill a database with."""

    DEMO = "demo"
    DISTRICT = "district"
    UP = "up"


Directory = Annotated[Path, typer.Argument(help="Folder with the CSV files that `bpp catalog schema` describes.")]


@database.command("upgrade")
def upgrade_schema(*, as_json: AsJson = False) -> None:
    """Bring the schema of the database up to date; safe to repeat.

    Example: BPP_DATABASE_URL=postgresql+asyncpg://bpp@localhost/bpp bpp db upgrade
    """
    from bpp.storage.engine import upgrade  # noqa: PLC0415  heavy: only this command waits for it

    asyncio.run(upgrade(load_settings(os.environ).database_url))
    show({"upgraded": True}, "the schema is up to date", as_json=as_json)


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
    as_json: AsJson = False,
) -> None:
    """Fill an empty database with a catalog; one that has one is left as it is.

    What a scale makes up is the same each time, and nobody in it exists. Example: bpp seed --scale up
    """
    if catalog and scale:
        fail("--catalog and --scale: one of the two is expected", status=MISUSED, as_json=as_json)
    settings = load_settings(os.environ)
    data = _made_up(scale) if scale else _read(_folder(catalog, settings), as_json=as_json)
    done = asyncio.run(_store(settings, data, force=force, stored=_progress(sum(_counted(data).values()))))
    found = {"seeded": done, **_counted(data)}
    text = _counts_in_words(data) if done else "there is a catalog already; --force stores this one over it"
    show(found, text, as_json=as_json)


@catalog.command("schema")
def schema(*, as_json: AsJson = False) -> None:
    """The files of a catalog with their columns, each with its meaning and an example.

    Example: bpp catalog schema
    """
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
    directory: Directory,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong with it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a catalog and store it: all of it, or nothing where anything is wrong.

    What is in the database under other ids stays. Example: bpp catalog import our-catalog --dry-run
    """
    data = _read(directory, as_json=as_json)
    if not dry_run:
        asyncio.run(_store(load_settings(os.environ), data, force=True))
    found = {"stored": not dry_run, **_counted(data), "problems": []}
    show(found, f"{_counts_in_words(data)}{': nothing wrong' if dry_run else ''}", as_json=as_json)


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


async def _store(
    settings: Settings, data: CatalogData, *, force: bool, stored: Callable[[int], None] = lambda _: None
) -> bool:
    from bpp.app import seed as store  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415

    await upgrade(settings.database_url)
    storage = open_storage(settings.database_url)
    try:
        if not force and await storage.read(lambda work: work.directory.version()) != 0:
            return False
        await store(storage, data, stored)
    finally:
        await storage.close()
    return True


def _counted(data: CatalogData) -> dict[str, Any]:
    return {"providers": len(data.providers), "offerings": len(data.offerings), "workers": len(data.workers)}


def _counts_in_words(data: CatalogData) -> str:
    return ", ".join(f"{count} {name}" for name, count in _counted(data).items())


def _described(one: dict[str, Any]) -> str:
    optional = " (may be missing)" if one["optional"] else ""
    rows = table(one["columns"], ("name", "required", "example", "description"), empty="")
    return f"{one['file']}{optional}: {one['description']}\n{rows}"
