"""The page ``ondc-site-verification.html``: there, and signed by the key that the next /subscribe announces.

Source: security.md 4.1 (at the host and path of subscriber_id, on 443, without redirect, as text/html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from bpp.doctor.finding import Finding, failure, ok, warning
from bpp.doctor.ground import Ground, Page, fetch
from bpp.keys.model import KeySet
from signing.signature import sign_text

PAGE = "ondc-site-verification.html"
NAME = "site verification"
_CONTENT = re.compile(r"""<meta\s+name=["']ondc-site-verification["']\s+content=["']([^"']*)["']""", re.IGNORECASE)


async def look(ground: Ground) -> list[Finding]:
    """Fetch it where the registry does, and under our subscriber URI."""
    keys = ground.keys.current()
    urls = dict.fromkeys(f"{place}/{PAGE}" for place in (ground.registered_at, ground.uri))
    return [finding for url in urls for finding in judge(await fetch(ground, "GET", url), keys)]


def judge(page: Page, keys: KeySet) -> Iterator[Finding]:
    """Of a page as it was fetched."""
    found = _CONTENT.search(page.body.decode(errors="replace"))
    if page.problem or page.status != HTTPStatus.OK:
        said = page.problem or f"HTTP {page.status} {page.location}".rstrip()
        yield failure(
            NAME,
            f"{page.url}: {said}",
            ("129", "132"),
            do="let the host of the subscriber_id lead to this server, without redirect and without a password",
        )
    elif found is None:
        yield failure(
            NAME,
            f"{page.url}: no meta element ondc-site-verification",
            ("129", "132"),
            do="let this server answer that path; another one does",
        )
    elif page.kind != "text/html":
        yield warning(NAME, f"{page.url}: {page.kind}, where text/html is expected", ("129",), do="pass our type on")
    else:
        yield _signature(page.url, found[1], keys)


def _signature(url: str, content: str, keys: KeySet) -> Finding:
    announced = keys.announced
    if content == sign_text(announced.request_id, announced.signing_key):
        return ok(NAME, f"{url}: {announced.request_id} signed with {announced.unique_key_id}")
    other = next(
        (pair.unique_key_id for pair in keys.pairs if content == sign_text(announced.request_id, pair.signing_key)), ""
    )
    said = f"signed with {other}" if other else "its signature is none of ours over that request id"
    return failure(
        NAME,
        f"{url}: {announced.request_id} signed with {announced.unique_key_id} is expected; {said}",
        ("130", "132"),
        do="let the running server have the settings and the key file of this command",
    )
