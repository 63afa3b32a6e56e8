"""The papers of an order as pages: to pay by, invoice, part-invoice, credit note; 404 without the whole address.

An address is judged by its key before anything is looked for, and every refusal looks the same.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from aiohttp import web

from bpp.context import APP_CONTEXT
from bpp.core.papers import CREDIT_NOTE, of_part, to_pay
from bpp.core.pay import has_pay_page
from bpp.core.world import World
from bpp.inbound.layout import read
from bpp.inbound.paper_html import credit_note_html, invoice_html, part_invoice_html, pay_html
from bpp.orders.model import Draft, Order, Payment
from bpp.orders.otp import document_key
from bpp.orders.proposals import done_part
from bpp.orders.states import OrderStatus
from bpp.storage.ports import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An order, or the draft that it has not become yet, and the world it is shown in."""

    one: Order | Draft
    world: World

    @property
    def order(self) -> Order:
        """The order; 404 while it is a draft."""
        if isinstance(self.one, Draft):
            raise web.HTTPNotFound
        return self.one

    def payment(self, request: web.Request) -> Payment:
        """The payment that the address names; 404 for none."""
        for payment in self.one.payments:
            if payment.page_id == request.match_info["payment"]:
                return payment
        raise web.HTTPNotFound


async def pay(request: web.Request) -> web.Response:
    """The page of a payment that we collect ourselves: what, to whom, how much, and a link to pay; then that it is."""
    found = await _found(request, to_pay(request.match_info["payment"]))
    payment = found.payment(request)
    if not has_pay_page(payment):
        raise web.HTTPNotFound
    return _answer(pay_html(found.one, payment, found.world.identity, found.world.now))


async def invoice(request: web.Request) -> web.Response:
    """The invoice of what is done. Its address answers from then on, whatever is quoted for or visited later."""
    found = await _found(request)
    done = done_part(found.order)
    if done is None:
        raise web.HTTPNotFound
    return _answer(invoice_html(done, found.world.identity))


async def receipt(request: web.Request) -> web.Response:
    """The part-invoice of a payment: as soon as it is paid, and of every payment of a completed order."""
    found = await _found(request, of_part(request.match_info["payment"]))
    order, payment = found.order, found.payment(request)
    if payment.status != "PAID" and order.status is not OrderStatus.COMPLETED:
        raise web.HTTPNotFound
    return _answer(part_invoice_html(order, payment, found.world.identity))


async def credit_note(request: web.Request) -> web.Response:
    """The credit note of an order that was given up."""
    found = await _found(request, CREDIT_NOTE)
    if found.order.cancellation is None:
        raise web.HTTPNotFound
    return _answer(credit_note_html(found.order, found.order.cancellation, found.world.identity))


async def _found(request: web.Request, which: str = "documents") -> _Found:
    context = request.app[APP_CONTEXT]
    ref, key = request.match_info["ref"], request.match_info["key"]

    async def unit(work: Work) -> _Found | None:
        world = await context.worlds.current(work)
        if not hmac.compare_digest(document_key(world.otp_secret, ref, which).encode(), key.encode()):
            return None
        one = await work.orders.get(ref) or await work.orders.draft_of(ref)
        return None if one is None else _Found(one=one, world=world)

    found = await read(context, unit)
    if found is None:
        raise web.HTTPNotFound
    return found


def _answer(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")
