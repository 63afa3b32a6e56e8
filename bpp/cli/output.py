"""What commands print: tables and sentences for people, JSON with ``--json``; complaints on stderr."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NoReturn

import orjson
import typer

FAILED = 1
MISUSED = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def show(document: Any, text: str | Callable[[], str], *, as_json: bool) -> None:
    """Print an answer: the document itself, or its text."""
    if as_json:
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(text if isinstance(text, str) else text())


def fail(message: str, *, status: int = FAILED, document: Any = None, as_json: bool = False) -> NoReturn:
    """End the command: the complaint on stderr, and with ``--json`` the document on stdout."""
    if as_json and document is not None:
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    typer.echo(message, err=True)
    raise typer.Exit(status)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str) -> str:
    """Rows under their column names, as wide as needed; ``empty`` where there are none."""
    if not rows:
        return empty
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    heads = [name.replace("_", " ").upper() for name in columns]
    widths = [max(len(line[index]) for line in (heads, *cells)) for index in range(len(columns))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in (heads, *cells))
    return "\n".join(line.rstrip() for line in lines)


def facts(document: Mapping[str, Any], names: Sequence[str]) -> str:
    """Some fields of a document, one a line."""
    width = max(len(name) for name in names) + 2
    return "\n".join(f"{name.replace('_', ' '):{width}}{_cell(document.get(name))}" for name in names)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)
