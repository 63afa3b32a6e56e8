"""How our pages look, and how they read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from typing import TypeVar

from aiohttp import web

from bpp.context import AppContext
from bpp.errors import Unavailable
from bpp.storage.ports import Unit

T = TypeVar("T")


async def read(context: AppContext, unit: Unit[T]) -> T:
    """Read for a page; a database that does not answer is 503, as at every other door."""
    try:
        return await context.storage.read(unit)
    except Unavailable as problem:
        raise web.HTTPServiceUnavailable(text=problem.message, headers={"Retry-After": "1"}) from problem


_STYLE = (
    "body{font-family:system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "td,th{padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top}"
)


def policy_of(style: str) -> str:
    """A Content-Security-Policy for a page of ours with a form: its own style, its form to us, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(f"{_STYLE}{style}".encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def page(title: str, body: str, *, style: str = "") -> str:
    """A whole page; ``body`` is HTML, ``title`` is not; ``style`` is more CSS of ours."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}{style}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Rows of texts under their names."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
