"""The page before something is done to an order: what it costs, who could go, and whether it is sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpp.console.orders.action import Action
from bpp.console.orders.actions import ACTIONS
from bpp.console.orders.asking import Asked
from bpp.console.orders.told import called
from bpp.console.page import Deed, Page, Problem, Visit
from bpp.console.refusals import CODES, problem
from bpp.core.world import World
from bpp.operator.bookings_lookup import told
from bpp.operator.orders import order_at
from bpp.operator.problems import ApiProblem, ErrorObject
from bpp.storage.ports import Work

NOT_NOW = ErrorObject(code="not_allowed", message=CODES["not_allowed"])


def page_of(action: Action) -> Page:
    """The page that asks. Nothing personal of the customer is on it."""

    async def read(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
        order = await order_at(visit.call(), work)
        asked: Asked | None = None
        why: Problem | None = None
        try:
            if action.possible(order, world):
                asked = await action.ask(visit, order, work, world)
            else:
                why = problem(NOT_NOW)
        except ApiProblem as refusal:
            why = problem(refusal.answer.error)
        return {
            "action": action,
            "asked": asked,
            "why": why,
            "number": order.order_id,
            "ref": order.ref,
            "state": told(order).state,
            "items": [called(order, world)(one.name) for one in order.items],
            "start": order.visit.slot.start,
        }

    return Page(
        path=f"/orders/{{ref}}/{action.name}",
        name=action.page,
        title=action.title,
        roles=action.roles,
        read=read,
        template="order_ask.html",
    )


def deed_of(action: Action) -> Deed:
    """What its form does."""
    return Deed(
        path=f"/orders/{{ref}}/{action.name}",
        name=action.deed,
        roles=action.roles,
        act=action.act,
        page=action.page,
        said=action.said,
        form=action.form,
    )


PAGES = tuple(page_of(one) for one in ACTIONS)
DEEDS = tuple(deed_of(one) for one in ACTIONS)
