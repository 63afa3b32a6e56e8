"""``bpp validate``: what one message is, and everything that is wrong with it."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bpp.cli.output import FAILED, MISUSED, AsJson, fail, show
from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.cli.validation import Judged

LONGEST = 16 << 20
"""Longest message that is read, in bytes: catalogs of 671 KB were seen (protocol 1.2)."""


def validate(
    file: Annotated[str, typer.Argument(help="A file with one message; - for the standard input.")],
    *,
    unsolicited: Annotated[
        bool, typer.Option("--unsolicited", help="Nobody asked for this callback: its message_id is its own.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge a single message, request, callback or answer, ours or another's, by schema and rules.

    Of a request: which odd spellings are put right, and what our receiver would say. Of a callback: the checks of
    `bpp conformance`. Exit status 0 where it is valid, 1 where something is wrong, 2 where nothing could be read;
    warnings do not make a message invalid.

    Example: bpp validate on_select.json
    """
    from bpp.cli.validation import judged  # noqa: PLC0415
    from bpp.worlds import dialects_of  # noqa: PLC0415  heavy: only this command waits for it

    settings = load_settings(os.environ)
    found = judged(
        _read(file), own_id=settings.subscriber_id, dialect_of=dialects_of(settings).of, unsolicited=unsolicited
    )
    show(_document(found), lambda: "\n".join(_lines(found)), as_json=as_json)
    if not found.valid:
        raise typer.Exit(FAILED)


def _read(name: str) -> bytes:
    try:
        if name == "-":
            body = sys.stdin.buffer.read(LONGEST + 1)
        else:
            with Path(name).open("rb") as file:
                body = file.read(LONGEST + 1)
    except OSError as problem:
        fail(f"{name}: {problem.strerror}", status=MISUSED)
    if len(body) > LONGEST:
        fail(f"{name}: longer than {LONGEST} bytes", status=MISUSED)
    return body


def _document(found: Judged) -> dict[str, Any]:
    document = dataclasses.asdict(found)
    return {"valid": found.valid, **document, "open": document.pop("open_")}


def _lines(found: Judged) -> Iterator[str]:
    yield f"{found.kind} {found.action}".strip()
    yield from (f"  {name:16}{value}" for name, value in found.facts.items() if value)
    yield from (f"note       {one}" for one in found.notes)
    for one in found.corrections:
        yield f"put right  {one.path}: {one.before} is read as {one.after} [{one.rule}]"
    for fault in found.findings:
        sources = f": {', '.join(fault.sources)}" if fault.sources else ""
        came = f", found {fault.found}" if fault.found else ""
        yield f"{fault.severity:10} {fault.path}: expected {fault.expected}{came} [{fault.rule}{sources}]"
    if found.answer:
        yield f"our answer {found.answer}"
    if found.kind == "callback":
        yield f"{found.held} checks hold, {len(found.open_)} need more than this message (--json lists them)"
    yield "valid" if found.valid else "not valid"
