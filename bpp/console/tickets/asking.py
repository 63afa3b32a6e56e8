"""What each form of a complaint asks, and what it says first."""

from __future__ import annotations

from collections.abc import Sequence

from bpp.console.language import gettext, msg
from bpp.console.orders.asking import Asked, Input
from bpp.console.page import Visit
from bpp.console.shown import rupees
from bpp.console.tickets.answer import Asking
from bpp.console.tickets.forms import LONGEST_OWN
from bpp.console.tickets.words import LANGUAGES, OTHER_REMEDY, REMEDIES
from bpp.core.tickets import LONGEST_WORDS, possible_remedies
from bpp.core.world import World
from bpp.issues.facts import facts_of
from bpp.issues.ticket import Ticket
from bpp.orders.model import Order
from bpp.orders.redress import refundable
from catalog.money import ZERO

OWN_HINT = msg("Leave it empty to say it in the words shown above.")


def nothing(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
    """Only whether it is sure."""
    del visit, ticket, order, world
    return Asked()


def own_words(*, required: bool = False) -> Asking:
    """The language, and own words instead of ours."""

    def ask(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
        del visit, ticket, order, world
        return Asked(inputs=[_own(required=required), _language()])

    return ask


def giving_back(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
    """How much goes back."""
    del visit, ticket, world
    return Asked(words=[_most(order)], inputs=[*_amount(order, required=True), _language()])


def doing(text: str) -> Asking:
    """What happens to the order at once."""

    def ask(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
        del visit, ticket, order, world
        return Asked(words=[gettext(text)], inputs=[_language()])

    return ask


def offering(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
    """What may be offered of an order as it stands."""
    del visit
    possible = possible_remedies(ticket, order, world)
    inputs: list[Input] = []
    if "REFUND" in possible:
        inputs += _amount(order, required=False)
    inputs += [
        Input(name=name, label=gettext(REMEDIES[code]), options=[("", gettext("no")), ("yes", gettext("offer it"))])
        for name, code in (("again", "REPLACEMENT"), ("cancel", "CANCEL"))
        if code in possible
    ]
    words = [gettext("The customer chooses one; it is carried out as soon as it is chosen.")]
    return Asked(words=[*words, *([_most(order)] if "REFUND" in possible else [])], inputs=[*inputs, _language()])


def refusing(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
    """Why nothing is done."""
    del visit, ticket, order, world
    why = Input(name="why", label=gettext("Why nothing is done"), required=True, longest=LONGEST_WORDS)
    return Asked(inputs=[why, _language()])


def noting(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
    """A note."""
    del visit, ticket, order, world
    hint = gettext("The service provider reads it, too; the customer does not. Nothing about health or family.")
    return Asked(inputs=[Input(name="text", label=gettext("Note"), required=True, longest=LONGEST_WORDS, hint=hint)])


def choosing(visit: Visit, ticket: Ticket, order: Order, world: World) -> Asked:
    """Which of the solutions that wait is taken."""
    del visit, order, world
    options = [(one.id, _offer(one.code, one.short_desc)) for one in ticket.issue.proposed()]
    which = Input(name="resolution_id", label=gettext("Which solution"), options=options, required=True)
    return Asked(inputs=[which, _language()])


def _offer(code: str, text: str) -> str:
    return text or gettext(REMEDIES.get(code, OTHER_REMEDY))


def _most(order: Order) -> str:
    return gettext("At most %(amount)s can go back.") % {"amount": rupees(str(facts_of(order).refundable))}


def _amount(order: Order, *, required: bool) -> Sequence[Input]:
    names = {one.item_id: one.name for one in order.items}
    items = [(item_id, names[item_id]) for item_id, amount in refundable(order).items() if amount > ZERO]
    label = gettext("How much goes back, in rupees") if required else gettext("Money back, in rupees")
    amount = Input(
        name="amount",
        label=label,
        required=required,
        keyboard="decimal",
        hint="" if required else gettext("Leave it empty to offer no money."),
    )
    which = Input(name="item_id", label=gettext("Of what"), options=items, required=required)
    return [amount, which] if len(items) > 1 else [amount]


def _own(*, required: bool) -> Input:
    return Input(
        name="text",
        label=gettext("What is said") if required else gettext("Own words"),
        longest=LONGEST_OWN,
        required=required,
        hint="" if required else gettext(OWN_HINT),
    )


def _language() -> Input:
    return Input(name="language", label=gettext("Language of our words"), options=LANGUAGES)
