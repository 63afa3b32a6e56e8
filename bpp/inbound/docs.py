"""``/docs``: what we support, for engineers of buyer apps; ``/docs.json``: the same facts for programs.

Made anew when the catalog, our keys or the day have changed, since anybody may ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from bpp.context import APP_CONTEXT, AppContext
from bpp.inbound.docs_catalog import catalog_sections
from bpp.inbound.docs_html import docs_html
from bpp.inbound.docs_sections import ShownFlow, as_json, network_sections
from bpp.inbound.grievance import PATH as GRIEVANCE
from bpp.inbound.layout import read
from bpp.keys.model import KeyPair
from bpp.settings import Settings
from bpp.tokens import OPERATOR_PATH
from catalog.availability import KOLKATA

EXAMPLES = "/docs/examples"


@dataclass(frozen=True, slots=True)
class _Made:
    of: tuple[int, date, KeyPair]
    page: str
    document: bytes


class Docs:
    """The pages as last made; ``flows`` are those that are proved against us."""

    def __init__(self, flows: Sequence[ShownFlow]) -> None:
        self._flows = tuple(flows)
        self._made: _Made | None = None

    async def current(self, context: AppContext) -> _Made:
        """Both pages for the catalog, the key and the day of now."""
        world = await read(context, context.worlds.current)
        day, pair = world.now.astimezone(KOLKATA).date(), context.keys.current().signing
        of = (world.catalog.version, day, pair)
        if self._made is None or self._made.of != of:
            settings = context.settings
            sections = (*network_sections(settings, pair, self._flows), *catalog_sections(world.catalog, day))
            links = links_of(settings)
            self._made = _Made(
                of,
                docs_html(f"{settings.legal_name}: what this seller app supports", sections, links, joining(settings)),
                orjson.dumps(as_json(sections, links), option=orjson.OPT_INDENT_2),
            )
        return self._made


DOCS = web.AppKey("DOCS", Docs)


async def page(request: web.Request) -> web.Response:
    """For people."""
    made = await request.app[DOCS].current(request.app[APP_CONTEXT])
    return web.Response(text=made.page, content_type="text/html")


async def document(request: web.Request) -> web.Response:
    """For programs."""
    made = await request.app[DOCS].current(request.app[APP_CONTEXT])
    return web.Response(body=made.document, content_type="application/json")


def links_of(settings: Settings) -> dict[str, str]:
    """What else there is to look at, by what it is."""
    base = settings.subscriber_uri.rstrip("/")
    root = f"{urlsplit(base).scheme}://{urlsplit(base).netloc}"
    links = {
        "the same for programs": f"{root}/docs.json",
        "health": f"{root}/health/ready",
        "grievances, for consumers": f"{root}{GRIEVANCE}",
    }
    if settings.sandbox:  # elsewhere the seller's side is no matter of buyer apps
        buyer = f"http://{settings.host}:{settings.sandbox_buyer_port}"
        links |= {
            "operator API, for the seller's side": f"{root}{OPERATOR_PATH}/openapi.json",
            "metrics": f"{root}/metrics",
            "sandbox buyer app, to be driven by curl": f"{buyer}/api",
            "example messages that are valid now": f"{buyer}{EXAMPLES}",
            "sandbox gateway": f"http://{settings.host}:{settings.sandbox_gateway_port}",
        }
    return links


def joining(settings: Settings) -> tuple[str, ...]:
    """The commands by which a buyer app takes part in the sandbox; none elsewhere."""
    if not settings.sandbox:
        return ()
    return (
        "bpp sandbox register --id my-app.example --url http://127.0.0.1:9090 --new-key my-key",
        "bpp sandbox listen --port 9090 --out callbacks",
        "bpp auth sign --as my-app.example --key-id my-app.example-1 --key file:my-key --body search.json",
        "bpp auth verify --header @headers.txt --body search.json",
        "bpp validate on_search.json",
    )


def add_docs_routes(app: web.Application, base_path: str, flows: Sequence[ShownFlow]) -> None:
    """At the host's root and under the subscriber path."""
    app[DOCS] = Docs(flows)
    for prefix in dict.fromkeys(("", base_path)):
        app.router.add_get(f"{prefix}/docs", page)
        app.router.add_get(f"{prefix}/docs.json", document)
