"""How what cannot be shown or done leaves, and how a file does."""

from __future__ import annotations

from aiohttp import web

from bpp.errors import BppError
from bpp.operator.files import File
from bpp.operator.problems import ApiProblem, of_error, of_refusal
from bpp.parties.states import NotPossible


def api_problem(refusal: Exception) -> ApiProblem:
    """A refusal of ours as the operator API would tell it."""
    if isinstance(refusal, ApiProblem):
        return refusal
    if isinstance(refusal, BppError):
        return of_error(refusal)
    if isinstance(refusal, NotPossible):
        return of_refusal(refusal)
    return ApiProblem(500, "seal_broken", str(refusal))


def http_refusal(refused: ApiProblem) -> web.HTTPException:
    """What a page cannot show leaves as its status."""
    if refused.status == web.HTTPNotFound.status_code:
        return web.HTTPNotFound()
    if refused.status == web.HTTPForbidden.status_code:
        return web.HTTPForbidden(reason="role")
    if refused.status == web.HTTPNotImplemented.status_code:
        return web.HTTPNotImplemented()
    if refused.status == web.HTTPServiceUnavailable.status_code:
        return web.HTTPServiceUnavailable()
    return web.HTTPBadRequest(reason="query")


def file_response(file: File) -> web.Response:
    """A file as an answer, to be stored."""
    headers = {"Content-Type": file.media_type, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return web.Response(body=file.content, headers=headers)
