"""What is said of project work in a request: a requirement, and the events of ``POST /projects/{id}/events``."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from bpp.core.world import World
from bpp.operator.order_events import Reason
from bpp.operator.routes import Body
from bpp.orders.ratings import phone_number
from bpp.projects.model import Bid, Consumer, Planned, Requirement
from bpp.projects.money import taxed
from bpp.projects.moves import Act
from bpp.projects.states import Event, Side
from catalog.load_fields import amount, percentage
from catalog.money import Money

TIME_TO_DECIDE = timedelta(days=15)
MOST_MILESTONES = 20
MOST_LINKS = 10


def _amount(text: str) -> str:
    amount(text)
    return text


def _percentage(text: str) -> str:
    percentage(text)
    return text


def _phone(text: str) -> str:
    if len(phone_number(text)) != 10:  # noqa: PLR2004  digits of a number in India
        raise ValueError("a telephone number of ten digits is expected")
    return text


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
Link = Annotated[str, StringConstraints(max_length=500)]
Rupees = Annotated[str, AfterValidator(_amount), Field(description="rupees, tax included", examples=["118000.00"])]
Percent = Annotated[str, AfterValidator(_percentage), Field(description="per cent", examples=["18"])]
Party = Literal["consumer", "provider"]
Name = Annotated[Word, Field(description="the person who says it for that side")]
Number = Annotated[int, Field(ge=1, le=MOST_MILESTONES, description="number of the milestone")]


class ConsumerSaid(Body):
    """Who wants the work."""

    kind: Literal["citizen", "department", "company"]
    name: Word = Field(description="the person")
    phone: Annotated[str, AfterValidator(_phone)] = Field(max_length=20)
    email: str = Field(default="", max_length=200)
    organization: str = Field(default="", description="the department or company, by its name", max_length=200)
    gstin: str = Field(default="", max_length=15)


class NewProject(Body):
    """A requirement. Bids of a department's are sealed until the time for them is over."""

    consumer: ConsumerSaid
    title: Word
    details: Prose
    service_id: str = Field(description="a service of Sewamitra", examples=["SM-PNT"], max_length=64)
    district: str = Field(description="LGD code", examples=["162"], max_length=8)
    place: Word = Field(description="the address of the work")
    budget: Rupees
    start: date
    finish_by: date
    bids_until: AwareDatetime
    decide_by: AwareDatetime | None = Field(default=None, description="until then an MOU; default: 15 days after bids")
    attachments: list[Link] = Field(default=[], description="links", max_length=MOST_LINKS)

    def requirement(self) -> Requirement:
        """As the core takes it."""
        said = self.consumer
        return Requirement(
            consumer=Consumer(
                kind=said.kind,
                name=said.name,
                phone=said.phone,
                email=said.email,
                organization=said.organization.strip(),
                gstin=said.gstin,
            ),
            title=self.title,
            details=self.details,
            service_id=self.service_id,
            district=self.district,
            place=self.place,
            budget=Money.parse(self.budget),
            start=self.start,
            finish_by=self.finish_by,
            bids_until=self.bids_until,
            decide_by=self.decide_by or self.bids_until + TIME_TO_DECIDE,
            attachments=tuple(self.attachments),
        )


class PlannedSaid(Body):
    """A milestone of a bid."""

    title: Word
    due: date
    share: Percent


class BidSaid(Body):
    """A provider's bid, or a change of the one it has."""

    event: Literal["bid"]
    provider_id: str = Field(max_length=64)
    charge: Rupees
    tax_included: bool = Field(default=True, description="false: the tax comes on top of the charge")
    tax_rate: Percent = "18"
    finish_by: date
    details: Prose
    milestones: list[PlannedSaid] = Field(default=[], description="none: all at the end", max_length=MOST_MILESTONES)

    def act(self, by: str, world: World) -> Act:
        """As the core takes it; which of several bids it becomes, the core decides."""
        rate = Decimal(self.tax_rate)
        base, tax = taxed(Money.parse(self.charge), rate, included=self.tax_included)
        steps = [Planned(title=one.title, due=one.due, share=Decimal(one.share)) for one in self.milestones]
        provider = world.catalog.providers.get(self.provider_id)
        bid = Bid(
            id=world.new_id(),
            provider_id=self.provider_id,
            provider_name=provider.name if provider else "",
            base=base,
            tax=tax,
            tax_rate=rate,
            finish_by=self.finish_by,
            details=self.details,
            milestones=tuple(steps) or (Planned(title="Completion", due=self.finish_by, share=Decimal(100)),),
            made_at=world.now,
            changed_at=world.now,
        )
        return Act(event=Event.BID, side=Side.PROVIDER, by=by, provider_id=self.provider_id, bid=bid)


class WithdrawBid(Body):
    """A provider takes its bid back."""

    event: Literal["withdraw_bid"]
    provider_id: str = Field(max_length=64)


class Select(Body):
    """The consumer takes a bid; the MOU is drawn up."""

    event: Literal["select"]
    bid_id: str = Field(max_length=64)
    name: Name


class AcceptMou(Body):
    """A side accepts the MOU that it has read."""

    event: Literal["accept_mou"]
    side: Party
    name: Name
    digest: str = Field(description="SHA-256 of the text that was read, as the page shows it", max_length=64)


class DeclineMou(Body):
    """A side does not accept the MOU; other bids can still be selected."""

    event: Literal["decline_mou"]
    side: Party
    name: Name
    reason: Reason


class Report(Body):
    """The provider says that a milestone is done."""

    event: Literal["report"]
    milestone: Number
    name: Name


class Accept(Body):
    """The consumer says so too: its amount falls due."""

    event: Literal["accept"]
    milestone: Number
    name: Name


class Dispute(Body):
    """The consumer does not find it done."""

    event: Literal["dispute"]
    milestone: Number
    name: Name
    reason: Reason


class Pay(Body):
    """The money for a milestone has come in, said by whoever has it."""

    event: Literal["pay"]
    milestone: Number
    collected_by: Literal["samiti", "provider"]
    transaction_id: Word


class Cancel(Body):
    """The project is given up; what was accepted stays due."""

    event: Literal["cancel"]
    side: Party
    name: Name
    reason: Reason


ProjectEventRequest = Annotated[
    BidSaid | WithdrawBid | Select | AcceptMou | DeclineMou | Report | Accept | Dispute | Pay | Cancel,
    Field(discriminator="event"),
]
SIDES = {
    Event.WITHDRAW_BID: Side.PROVIDER,
    Event.SELECT: Side.CONSUMER,
    Event.REPORT: Side.PROVIDER,
    Event.ACCEPT: Side.CONSUMER,
    Event.DISPUTE: Side.CONSUMER,
}
"""Whose act an event is, where the request does not say it."""


def act_of(asked: Any, by: str, world: World) -> Act:
    """What a request asks of the core."""
    if isinstance(asked, BidSaid):
        return asked.act(by, world)
    fields = asked.model_dump()
    event = Event(fields.pop("event"))
    side = fields.pop("side", None) or SIDES.get(event) or fields["collected_by"]
    return Act(event=event, side=Side(side), by=by, **fields)
