"""What may be answered in a complaint: who may, when it is possible, what is asked first, what comes of it."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.tickets import asking, bodies, forms
from bpp.console.tickets.answer import AMONG_US, CUSTOMERS_ANSWER, OUR_COMPLAINT, Answer, Possible
from bpp.core.tickets import possible_remedies
from bpp.core.world import World
from bpp.issues.model import Code, Side
from bpp.issues.states import allowed
from bpp.issues.ticket import Ticket
from bpp.orders.model import Order
from bpp.people.model import Role

DESK = frozenset({Role.OPERATOR})
"""Who speaks for customers, and for us in a complaint of ours."""
ANSWERING = frozenset({Role.OPERATOR, Role.OFFICER})
"""Who answers for us: a district officer is the grievance officer's hand."""
SELLERS = frozenset({Role.PROVIDER})


def we_may(code: Code, remedy: str = "") -> Possible:
    """Whether it is ours to answer, the table allows it, and the order the remedy."""

    def possible(ticket: Ticket, order: Order, world: World) -> bool:
        return (
            not ticket.ours
            and code in allowed(ticket.issue, Side.RESPONDENT)
            and (not remedy or remedy in possible_remedies(ticket, order, world))
        )

    return possible


def customer_may(code: Code) -> Possible:
    """Whether a customer of our own channels may say it now, at our desk."""
    return lambda ticket, _order, _world: (
        not ticket.peer and not ticket.ours and code in allowed(ticket.issue, Side.COMPLAINANT)
    )


def in_ours(code: Code) -> Possible:
    """Whether we may say it in a complaint of ours."""
    return lambda ticket, _order, _world: ticket.ours and code in allowed(ticket.issue, Side.COMPLAINANT)


def always(ticket: Ticket, order: Order, world: World) -> bool:
    """At any time."""
    del ticket, order, world
    return True


ANSWERS: tuple[Answer, ...] = (
    Answer(
        name="picture",
        title=msg("Ask for a picture"),
        sure=msg("Yes, ask for it"),
        said=msg("A picture is asked for."),
        roles=ANSWERING,
        possible=we_may(Code.INFO_REQUESTED),
        ask=asking.own_words(),
        form=forms.Words,
        body=bodies.asked_for("INFO001"),
        says=("INFO001",),
    ),
    Answer(
        name="invoice",
        title=msg("Ask for the invoice"),
        sure=msg("Yes, ask for it"),
        said=msg("The invoice is asked for."),
        roles=ANSWERING,
        possible=we_may(Code.INFO_REQUESTED),
        ask=asking.own_words(),
        form=forms.Words,
        body=bodies.asked_for("INFO002"),
        says=("INFO002",),
    ),
    Answer(
        name="propose",
        title=msg("Offer solutions"),
        sure=msg("Yes, offer them"),
        said=msg("The solutions are offered; the customer chooses."),
        roles=ANSWERING,
        possible=we_may(Code.RESOLUTION_PROPOSED),
        ask=asking.offering,
        form=forms.Offering,
        body=bodies.offered,
        says=("proposal", "REFUND", "REPLACEMENT", "CANCEL"),
    ),
    Answer(
        name="again",
        title=msg("Offer to do the work again"),
        sure=msg("Yes, offer it"),
        said=msg("It is offered to do the work again; the customer has to agree."),
        roles=SELLERS,
        possible=we_may(Code.RESOLUTION_PROPOSED, "REPLACEMENT"),
        ask=asking.doing(msg("You do the work once more and are paid nothing for it.")),
        form=forms.InLanguage,
        body=bodies.again_offered,
        says=("REPLACEMENT",),
    ),
    Answer(
        name="refund",
        title=msg("Resolve: money back"),
        sure=msg("Yes, give it back"),
        said=msg("The money is given back and the complaint resolved."),
        roles=ANSWERING,
        possible=we_may(Code.RESOLVED, "REFUND"),
        ask=asking.giving_back,
        form=forms.GivingBack,
        body=bodies.given_back,
        says=("REFUND",),
        danger=True,
    ),
    Answer(
        name="redo",
        title=msg("Resolve: do the work again"),
        sure=msg("Yes, do it again without charge"),
        said=msg("A further visit is booked and the complaint resolved."),
        roles=ANSWERING,
        possible=we_may(Code.RESOLVED, "REPLACEMENT"),
        ask=asking.doing(msg("A visit is booked at the first free time of the provider.")),
        form=forms.InLanguage,
        body=bodies.resolved("REPLACEMENT"),
        says=("REPLACEMENT",),
    ),
    Answer(
        name="cancel",
        title=msg("Resolve: cancel the booking"),
        sure=msg("Yes, cancel it without charge"),
        said=msg("The booking is cancelled and the complaint resolved."),
        roles=ANSWERING,
        possible=we_may(Code.RESOLVED, "CANCEL"),
        ask=asking.doing(msg("The booking is cancelled at once, at no cost to the customer.")),
        form=forms.InLanguage,
        body=bodies.resolved("CANCEL"),
        says=("CANCEL",),
        danger=True,
    ),
    Answer(
        name="nothing",
        title=msg("Resolve: nothing can be done"),
        sure=msg("Yes, say so"),
        said=msg("Resolved: nothing is done, and why is kept."),
        roles=ANSWERING,
        possible=we_may(Code.RESOLVED, "NO_ACTION"),
        ask=asking.refusing,
        form=forms.Why,
        body=bodies.refused,
        says=("NO_ACTION",),
        danger=True,
    ),
    Answer(
        name="informed",
        title=msg("The customer answers what was asked"),
        sure=msg("Keep it"),
        said=msg("Kept, and we are at it."),
        roles=DESK,
        possible=customer_may(Code.INFO_PROVIDED),
        ask=asking.own_words(required=True),
        form=forms.Words,
        body=bodies.said(Code.INFO_PROVIDED),
        group=CUSTOMERS_ANSWER,
    ),
    Answer(
        name="accepted",
        title=msg("The customer says yes"),
        sure=msg("Yes, the customer wants it"),
        said=msg("What was agreed is done, and the complaint resolved."),
        roles=DESK,
        possible=customer_may(Code.RESOLUTION_ACCEPTED),
        ask=asking.choosing,
        form=forms.Choosing,
        body=bodies.said(Code.RESOLUTION_ACCEPTED),
        group=CUSTOMERS_ANSWER,
    ),
    Answer(
        name="rejected",
        title=msg("The customer says no"),
        sure=msg("Yes, the customer refuses"),
        said=msg("Noted; please offer something else."),
        roles=DESK,
        possible=customer_may(Code.RESOLUTION_REJECTED),
        ask=asking.own_words(required=True),
        form=forms.Words,
        body=bodies.said(Code.RESOLUTION_REJECTED),
        group=CUSTOMERS_ANSWER,
    ),
    Answer(
        name="escalated",
        title=msg("To the grievance officer"),
        sure=msg("Yes, the customer wants that"),
        said=msg("The complaint is with the grievance officer now."),
        roles=DESK,
        possible=customer_may(Code.ESCALATED),
        ask=asking.own_words(required=True),
        form=forms.Words,
        body=bodies.said(Code.ESCALATED),
        group=CUSTOMERS_ANSWER,
    ),
    Answer(
        name="closed",
        title=msg("The customer is content: close it"),
        sure=msg("Yes, close it"),
        said=msg("The complaint is closed."),
        roles=DESK,
        possible=customer_may(Code.CLOSED),
        ask=asking.nothing,
        form=forms.Words,
        body=bodies.said(Code.CLOSED),
        group=CUSTOMERS_ANSWER,
    ),
    *(
        Answer(
            name=name,
            title=title,
            sure=msg("Yes, tell the buyer app"),
            said=msg("The buyer app is told."),
            roles=DESK,
            possible=in_ours(code),
            ask=ask,
            form=forms.Choosing if code is Code.RESOLUTION_ACCEPTED else forms.Words,
            body=bodies.said(code, "answer"),
            group=OUR_COMPLAINT,
            says=says,
        )
        for name, code, title, ask, says in (
            ("tell", Code.INFO_PROVIDED, msg("Tell what was asked"), asking.own_words(required=True), ()),
            ("lack", Code.INFO_NOT_AVAILABLE, msg("We do not have it"), asking.own_words(), ("not_available",)),
            ("take", Code.RESOLUTION_ACCEPTED, msg("We take what is offered"), asking.choosing, ("accepted",)),
            ("decline", Code.RESOLUTION_REJECTED, msg("We do not take it"), asking.own_words(required=True), ()),
            ("escalate", Code.ESCALATED, msg("To their grievance officer"), asking.own_words(), ("escalated",)),
            ("close", Code.CLOSED, msg("It is settled: close it"), asking.own_words(), ("closed",)),
        )
    ),
    Answer(
        name="note",
        title=msg("Add a note"),
        sure=msg("Keep the note"),
        said=msg("The note is kept."),
        roles=ANSWERING | SELLERS,
        possible=always,
        ask=asking.noting,
        form=forms.Noting,
        body=bodies.noted,
        group=AMONG_US,
    ),
)
"""In the order in which they are offered."""


def possible_answers(ticket: Ticket, order: Order, role: Role, world: World) -> list[Answer]:
    """What somebody of a role may answer now."""
    if ticket.forgotten:
        return []
    mine = (one for one in ANSWERS if role in one.roles or (role is Role.ADMIN and one.roles != SELLERS))
    return [one for one in mine if one.possible(ticket, order, world)]
