"""What anybody may fetch: metrics, the helpline page, our picture; and what our messages point to."""

from __future__ import annotations

from html import escape

from aiohttp import web

from bpp.context import APP_CONTEXT
from bpp.inbound.admission import ADMISSION
from bpp.inbound.grievance import PATH
from bpp.inbound.grievance_form import add_grievance_routes
from bpp.inbound.layout import page
from bpp.inbound.papers import credit_note, invoice, pay, receipt
from bpp.inbound.project_papers import mou

KEPT = {"Cache-Control": "public, max-age=86400"}
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Sewamitra">'
    '<rect width="64" height="64" rx="12" fill="#0b5d51"/>'
    '<path d="M14 34 32 18l18 16v16H36V39h-8v11H14z" fill="#fff"/></svg>'
)


async def metrics(request: web.Request) -> web.Response:
    """Figures in the text form of Prometheus, from memory: also where the database does not answer."""
    context = request.app[APP_CONTEXT]
    context.metrics.now(request.app[ADMISSION].messages.inside, context.storage.waiting())
    text = context.metrics.text()
    return web.Response(body=text, content_type="text/plain", charset="utf-8")


async def support(request: web.Request) -> web.Response:
    """How to reach us."""
    settings = request.app[APP_CONTEXT].settings
    lines = f"<p>Helpline {escape(settings.support_phone)}</p><p>{escape(settings.support_email)}</p>"
    lines += f'<p><a href="{escape(settings.subscriber_uri.rstrip("/") + PATH)}">Complaints / शिकायत</a></p>'
    text = page(f"{settings.legal_name}: help", lines)
    return web.Response(text=text, content_type="text/html")


async def picture(_request: web.Request) -> web.Response:
    """The one picture we ship, for any name: what a provider has not replaced by its own."""
    return web.Response(text=PICTURE, content_type="image/svg+xml", headers=KEPT)


def add_page_routes(app: web.Application, base_path: str) -> None:
    """Metrics at the root; what callbacks point to under the subscriber path."""
    app.router.add_get("/metrics", metrics)
    add_grievance_routes(app, base_path)
    app.router.add_get(f"{base_path}/invoices/{{ref}}/{{key}}", invoice)
    app.router.add_get(f"{base_path}/invoices/{{ref}}/{{payment}}/{{key}}", receipt)
    app.router.add_get(f"{base_path}/credit-notes/{{ref}}/{{key}}", credit_note)
    app.router.add_get(f"{base_path}/pay/{{ref}}/{{payment}}/{{key}}", pay)
    app.router.add_get(f"{base_path}/mou/{{project}}/{{key}}", mou)
    app.router.add_get(f"{base_path}/support", support, name="support-page")
    app.router.add_get(f"{base_path}/assets/{{name}}", picture)
