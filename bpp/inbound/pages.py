"""What anybody may fetch: health, metrics, invoices, the helpline page, our picture."""

from __future__ import annotations

import hmac
from html import escape
from typing import TypeVar, get_args

from aiohttp import web

from bpp.context import APP_CONTEXT, AppContext
from bpp.errors import Unavailable
from bpp.orders.model import Order
from bpp.orders.otp import document_key
from bpp.orders.states import OrderStatus, Stage
from bpp.storage.ports import CallbackState, Unit
from catalog.availability import KOLKATA

T = TypeVar("T")
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Sewamitra">'
    '<rect width="64" height="64" rx="12" fill="#0b5d51"/>'
    '<path d="M14 34 32 18l18 16v16H36V39h-8v11H14z" fill="#fff"/></svg>'
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


async def live(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "live"})


async def ready(request: web.Request) -> web.Response:
    """The database answers and the catalog is there; else 503."""
    context = request.app[APP_CONTEXT]
    try:
        version = await context.storage.read(lambda work: work.directory.version())
    except Unavailable as problem:
        return web.json_response({"status": "not ready", "reason": str(problem)}, status=503)
    return web.json_response({"status": "ready", "catalog_version": version})


async def metrics(request: web.Request) -> web.Response:
    """Counters in the text form of Prometheus; 503 where the database does not answer."""
    context = request.app[APP_CONTEXT]
    waiting = await _read(context, lambda work: work.outbox.counts())
    standing = await _read(context, lambda work: work.orders.counts())
    for state in get_args(CallbackState):  # all of them, or one without rows would keep its last value
        context.metrics.callbacks.labels(state).set(waiting.get(state, 0))
    for stage in Stage:
        context.metrics.orders.labels(stage.value).set(standing.get(stage, 0))
    return web.Response(body=context.metrics.text(), content_type="text/plain", charset="utf-8")


async def invoice(request: web.Request) -> web.Response:
    """The invoice of a completed order, for whoever has its address; else 404; 503 without the database."""
    context = request.app[APP_CONTEXT]
    ref, key = request.match_info["ref"], request.match_info["key"]
    order = await _read(context, lambda work: work.orders.get(ref))
    world = await _read(context, context.worlds.current)
    if order is None or order.status is not OrderStatus.COMPLETED:
        raise web.HTTPNotFound
    if not hmac.compare_digest(document_key(world.otp_secret, ref).encode(), key.encode()):
        raise web.HTTPNotFound
    text = invoice_html(order, legal_name=world.identity.legal_name, gstin=world.identity.gstin)
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


async def support(request: web.Request) -> web.Response:
    """How to reach us."""
    settings = request.app[APP_CONTEXT].settings
    lines = f"<p>Helpline {escape(settings.support_phone)}</p><p>{escape(settings.support_email)}</p>"
    text = _page(f"{settings.legal_name}: help", lines)
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


async def picture(_request: web.Request) -> web.Response:
    """The one picture we ship, for any name: what a provider has not replaced by its own."""
    return web.Response(text=PICTURE, content_type="image/svg+xml", headers=HEADERS)


def invoice_html(order: Order, *, legal_name: str, gstin: str) -> str:
    """The invoice as a page that prints well: seller, customer, lines, tax, total, payments."""
    visit = order.fulfillments[0]
    done = visit.completed_at or order.updated_at
    rows = "".join(
        f"<tr><td>{escape(line.title)}</td><td>{line.count or ''}</td><td>{line.amount}</td></tr>"
        for line in order.quote.lines
    )
    paid = "".join(
        f"<p>{escape(one.type)}: {one.amount} {escape(one.status or '')} {escape(one.transaction_id)}</p>"
        for one in order.payments
    )
    return _page(
        f"Invoice {order.ref}",
        f"<p>{escape(order.seller.name)} through {escape(legal_name)}, GSTIN {escape(order.seller.gstin or gstin)}</p>"
        f"<p>Order {escape(order.order_id)}, {done.astimezone(KOLKATA):%d-%m-%Y %H:%M} IST</p>"
        f"<p>To {escape(str(order.billing.get('name') or ''))}</p>"
        f"<table><tr><th>Item</th><th>Count</th><th>INR</th></tr>{rows}"
        f"<tr><th>Total</th><td></td><th>{order.quote.total}</th></tr></table>{paid}",
    )


def add_page_routes(app: web.Application, base_path: str) -> None:
    """Health and metrics at the root; what callbacks point to under the subscriber path."""
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/metrics", metrics)
    app.router.add_get(f"{base_path}/invoices/{{ref}}/{{key}}", invoice)
    app.router.add_get(f"{base_path}/support", support, name="support-page")
    app.router.add_get(f"{base_path}/assets/{{name}}", picture)


async def _read(context: AppContext, unit: Unit[T]) -> T:
    """Read for a page; a database that does not answer is 503, as at every other door."""
    try:
        return await context.storage.read(unit)
    except Unavailable as problem:
        raise web.HTTPServiceUnavailable(text=problem.message, headers={"Retry-After": "1"}) from problem


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        "<style>body{font-family:system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}"
        "td,th{padding:.25rem .75rem;text-align:left}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
