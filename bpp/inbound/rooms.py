"""Room for everything but the network's messages and health: pages, figures and the operator API, so many at once.

What anybody may fetch reads the database, too. Whoever is beyond the room is told so before anything is done for him;
messages have a room of their own (``admission``), and health is answered however full we are.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from bpp.context import APP_CONTEXT
from bpp.errors import Unavailable
from bpp.inbound.admission import OVERLOAD_WAIT, Gate
from bpp.inbound.receive import retry_after

PAGES = 64
APART = frozenset({"network", "live", "ready"})
"""Names of the routes that need no place here."""
ROOM = web.AppKey("ROOM", Gate)


@web.middleware
async def room_for_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve, or say that there is no room: 503, with a time after which to come again."""
    if request.match_info.route.name in APART:
        return await handler(request)
    room = request.config_dict[ROOM]
    try:
        room.check()
    except Unavailable as full:
        request.app[APP_CONTEXT].metrics.turned_away.labels(full.reason).inc()
        said = {"error": {"code": "unavailable", "message": full.message}}
        headers = {"Retry-After": retry_after(OVERLOAD_WAIT)}
        return web.json_response(said, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    with room:
        return await handler(request)
