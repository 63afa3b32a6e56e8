"""The operator API as an aiohttp application of its own, mounted at ``/api/v1``: routes, and two middlewares.

Whoever mounts it sets ``APP_CONTEXT`` on it before the first request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

import structlog
from aiohttp import web

from bpp.context import APP_CONTEXT
from bpp.errors import BppError
from bpp.logs import bound, new_request_id
from bpp.operator import (
    assignments,
    audit,
    bookings,
    catalog,
    deliveries,
    demand,
    feedback,
    imports,
    money,
    orders,
    parties,
    peers,
    persons,
    projects,
    settlement_retry,
    settlements,
    tickets,
)
from bpp.operator.auth import identify
from bpp.operator.openapi import document, page
from bpp.operator.problems import ApiProblem, of_error, of_refusal
from bpp.operator.routes import CALLER, Route, endpoint
from bpp.parties.states import NotPossible
from bpp.parties.vault import SealBroken
from bpp.tokens import OPERATOR_PATH

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BASE_PATH = OPERATOR_PATH
TITLE = "Sewamitra BPP operator API"
VERSION = "1.0.0"
ROUTES: tuple[Route, ...] = (
    *orders.ROUTES,
    *tickets.ROUTES,
    *assignments.ROUTES,
    *bookings.ROUTES,
    *deliveries.ROUTES,
    *catalog.ROUTES,
    *imports.ROUTES,
    *parties.ROUTES,
    *projects.ROUTES,
    *feedback.ROUTES,
    *money.ROUTES,
    *settlements.ROUTES,
    *settlement_retry.ROUTES,
    *demand.ROUTES,
    *audit.ROUTES,
    *peers.ROUTES,
    *persons.ROUTES,
)
PUBLIC = frozenset({"openapi", "calls", "calls-index"})
"""Names of what answers without a token: descriptions, no data."""


def operator_app() -> web.Application:
    """The sub-application with every call of ``ROUTES``, the OpenAPI document and the page of calls."""
    app = web.Application(middlewares=[logged, json_errors, authenticated])
    for route in ROUTES:
        app.router.add_route(route.method, route.path, endpoint(route), name=route.name)
    described = _described()
    text = page(ROUTES, title=TITLE, base_path=BASE_PATH)

    async def openapi(_request: web.Request) -> web.Response:
        """The OpenAPI document."""
        return web.json_response(described)

    async def calls(_request: web.Request) -> web.Response:
        """The calls, for people."""
        return web.Response(text=text, content_type="text/html")

    app.router.add_get("/openapi.json", openapi, name="openapi")
    app.router.add_get("/", calls, name="calls")
    app.router.add_get("", calls, name="calls-index")
    return app


@cache
def _described() -> Mapping[str, Any]:
    """The OpenAPI document, made once in a process: it takes longer than all the rest of a start."""
    return document(ROUTES, title=TITLE, version=VERSION, base_path=BASE_PATH)


@web.middleware
async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line for each call: its name, never its path or query, which may name people."""
    with bound(request_id=new_request_id(), call=request.match_info.route.name or ""):
        response = await handler(request)
        log.info("operator_called", status=response.status)
        return response


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong leaves as our error object; an unforeseen exception says nothing of itself."""
    try:
        response = await handler(request)
    except ApiProblem as problem:
        response = _refused(problem)
    except BppError as error:
        response = _refused(of_error(error))
    except NotPossible as refusal:
        response = _refused(of_refusal(refusal))
    except SealBroken as broken:
        response = _refused(ApiProblem(500, "seal_broken", str(broken)))
    except web.HTTPMethodNotAllowed as problem:
        allowed = sorted(problem.allowed_methods)
        text = f"{problem.method} is not possible here"
        headers = {"Allow": ", ".join(allowed)}
        response = _refused(ApiProblem(405, "method_not_allowed", text, allowed=allowed, headers=headers))
    except web.HTTPNotFound:
        response = _refused(ApiProblem(404, "not_found", f"there is no call {request.path}"))
    except web.HTTPException as problem:
        response = _refused(ApiProblem(problem.status, "refused", problem.reason))
    except Exception:
        log.exception("operator_call_failed", method=request.method)
        response = _refused(ApiProblem(500, "internal", "this went wrong on our side and was logged"))
    return response


@web.middleware
async def authenticated(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let known callers in; descriptions are for anybody."""
    if request.match_info.route.name not in PUBLIC:
        settings = request.app[APP_CONTEXT].settings
        request[CALLER] = identify(request.headers.get("Authorization", ""), settings)
    return await handler(request)


def _refused(problem: ApiProblem) -> web.Response:
    return web.Response(
        status=problem.status,
        text=problem.answer.model_dump_json(),
        content_type="application/json",
        headers=problem.headers,
    )
