"""``bpp person``: the rights of a data principal, by telephone number; straight on the database of the settings."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from bpp.cli.audit import on_storage
from bpp.cli.output import MISUSED, AsJson, facts, fail, show
from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.core.principal import Erased
    from bpp.storage.ports import Storage
    from bpp.storage.ports_principals import Conversation

person = typer.Typer(
    no_args_is_help=True,
    help="Everything that is held of a telephone number: given out to whom it is of, or forgotten (docs/privacy.md).",
)
Phone = Annotated[str, typer.Option("--phone", help="As it is said or written; +91 and spaces make no difference.")]
COUNTED = ("orders", "projects", "tickets", "messages")
"""What is told of an export that was written to a file."""
AT_ONCE = 2_000
"""Messages whose bodies are read in one state of the database."""


@person.command("export")
def export_person(
    phone: Phone,
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write JSON there instead of printing it.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page to be read there, too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Orders, project work, complaints, reviews, messages and who read the records, as JSON and as a page.

    Reads through all that buyer apps said, so that conversations which led to no order are found, too. Without --out
    the export itself is printed, with --json or without.

    Example: bpp person export --phone 9876543210 --out person.json --html person.html
    """
    from bpp.cli.person_html import person_html  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.core.principal import as_document, export  # noqa: PLC0415

    number, now = _number(phone), datetime.now(UTC)

    async def exported(storage: Storage) -> dict[str, Any]:
        further = await _heard_of(storage, number)
        held = await storage.run(lambda work: export(number, further, _reader(), now, work))
        return as_document(held, now)

    document = asyncio.run(on_storage(load_settings(os.environ), exported))
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    if html is not None:
        _write(html, person_html(document).encode())
    if out is None:
        typer.echo(text.decode())
    else:
        _write(out, text)
        told = {"file": str(out), **{name: len(document[name]) for name in COUNTED}}
        counts = ", ".join(f"{told[name]} {name}" for name in COUNTED)
        show(told, f"{out}: {counts}", as_json=as_json)


@person.command("erase")
def erase_person(
    phone: Phone,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a person: names, numbers, addresses and words. What tax law keeps stays: prices, times, places of account.

    Refused while something of the person is under way. Older backups have it still: let those go in their time.

    Example: bpp person erase --phone 9876543210
    """
    from bpp.core.principal import StillOpen, erase  # noqa: PLC0415  heavy: only this command waits for it

    number, now = _number(phone), datetime.now(UTC)
    if not yes and not typer.confirm(f"Forget all that is held of {number}? It cannot be taken back."):
        fail("nothing was done", as_json=as_json)

    async def erased(storage: Storage) -> Erased:
        further = await _heard_of(storage, number)
        return await storage.run(lambda work: erase(number, further, _reader(), now, work))

    try:
        found = asdict(asyncio.run(on_storage(load_settings(os.environ), erased)))
    except StillOpen as refusal:
        fail(str(refusal), document={"problem": str(refusal), "open": list(refusal.refs)}, as_json=as_json)
    show({"erased": found}, lambda: facts(found, list(found)), as_json=as_json)


async def _heard_of(storage: Storage, number: str) -> Sequence[Conversation]:
    found: set[Conversation] = set()
    after = 0
    while True:
        part, last = await storage.read(
            lambda work, after=after: work.principals.heard_of(number, after, AT_ONCE)  # type: ignore[misc]
        )
        found.update(part)
        if not last:
            return sorted(found)
        after = last


def _number(phone: str) -> str:
    from bpp.core.principal import NoNumber, number_of  # noqa: PLC0415

    try:
        return number_of(phone)
    except NoNumber as problem:
        fail(f"--phone: {problem}", status=MISUSED)


def _reader() -> Any:
    from bpp.core.privacy import Reader  # noqa: PLC0415

    return Reader(f"bpp:{getpass.getuser()}", "admin")


def _write(path: Path, content: bytes) -> None:
    """A file that nobody else may read."""
    path.touch(mode=0o600)
    path.chmod(0o600)  # one that was there already keeps its own mode
    path.write_bytes(content)
