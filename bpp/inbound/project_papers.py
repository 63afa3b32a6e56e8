"""The page of an MOU, for the two sides: the text as it was drawn up, who has accepted it, and its digest."""

from __future__ import annotations

import hmac
from html import escape

from aiohttp import web

from bpp.context import APP_CONTEXT
from bpp.core.projects import of_mou
from bpp.inbound.layout import page, read
from bpp.orders.otp import document_key
from bpp.projects.model import Mou
from bpp.projects.mou import unchanged
from bpp.storage.ports import Work
from catalog.availability import KOLKATA

TITLE = "समझौता ज्ञापन · MOU"
SIDES = {"consumer": "उपभोक्ता · Consumer", "provider": "सेवाप्रदाता · Service provider"}


async def mou(request: web.Request) -> web.Response:
    """The MOU that an address names; 404 without the whole address, 500 for a text that is not the one drawn up."""
    context = request.app[APP_CONTEXT]
    project_id, key = request.match_info["project"], request.match_info["key"]

    async def unit(work: Work) -> Mou | None:
        world = await context.worlds.current(work)
        project = await work.projects.get(project_id)
        found = project.mou if project and not project.forgotten else None
        if found is None:
            return None
        expected = document_key(world.otp_secret, project_id, of_mou(found))
        return found if hmac.compare_digest(expected.encode(), key.encode()) else None

    found = await read(context, unit)
    if found is None:
        raise web.HTTPNotFound
    if not unchanged(found):
        raise web.HTTPInternalServerError(text="the text of this MOU is not the one that was drawn up")
    return web.Response(text=mou_html(found), content_type="text/html")


def mou_html(one: Mou) -> str:
    """The whole page of an MOU."""
    accepted = "".join(
        f"<li>{SIDES[yes.side]}: {escape(yes.name)}, {yes.at.astimezone(KOLKATA):%d-%m-%Y %H:%M} IST</li>"
        for yes in one.acceptances
    )
    digest = f"<p>SHA-256 {escape(one.digest)}</p>"
    return page(TITLE, f"{one.text}<h2>स्वीकृति · Accepted by</h2><ul>{accepted or '<li>–</li>'}</ul>{digest}")
