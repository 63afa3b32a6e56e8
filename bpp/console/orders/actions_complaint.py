"""Complaints from an order's page: a customer's, and ours to the buyer app. Both become tickets."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.orders import asking_complaint, doing, forms
from bpp.console.orders.action import CUSTOMERS_SIDE, CUSTOMERS_WORD, Action, of_buyer_app, remembered
from bpp.people.model import Role

COMPLAINTS = frozenset({Role.OPERATOR, Role.OFFICER})

COMPLAINING: tuple[Action, ...] = (
    Action(
        name="complain",
        title=msg("Note a complaint"),
        sure=msg("Note it"),
        said=msg("The complaint is noted. Please tell the caller its number, which stands at the top."),
        roles=COMPLAINTS,
        group=CUSTOMERS_SIDE,
        possible=remembered,
        ask=asking_complaint.complaining("us"),
        form=forms.Complaining,
        act=doing.complain("us"),
    ),
    Action(
        name="protest",
        title=msg("Complain to the buyer app"),
        sure=msg("Send it to the buyer app"),
        said=msg("The buyer app is told; its answer comes here."),
        roles=CUSTOMERS_WORD,
        possible=of_buyer_app,
        ask=asking_complaint.complaining("buyer_app"),
        form=forms.Complaining,
        act=doing.complain("buyer_app"),
    ),
)
