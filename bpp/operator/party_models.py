"""Bodies and answers about providers and workers beside the catalog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from bpp.core.workforce import Booking
from bpp.operator.documents import shown
from bpp.operator.order_models import Moment
from bpp.operator.reliefs import Relieved
from bpp.operator.routes import Body
from bpp.parties.model import Agreement, Application, PartyEvent
from bpp.parties.states import State
from catalog import load_fields as read
from catalog.model import Credential, Worker
from catalog.services import SERVICES

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


def _gps(text: str) -> str:
    read.gps(text)
    return text


def _service(text: str) -> str:
    if text not in SERVICES:
        raise ValueError(f"no such service: {text}")
    return text


def _optional(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: reader(text) if text else text


Id = Annotated[str, AfterValidator(read.identifier)]
Link = Annotated[str, AfterValidator(_optional(read.url))]
Service = Annotated[str, AfterValidator(_service)]
District = Annotated[str, AfterValidator(read.one_district)]


class Paper(Body):
    """A document: its number, what it is, and where it can be seen."""

    id: Label = Field(description="its number")
    type: Label = Field(examples=["Registration certificate"])
    desc: Text
    url: Link = ""

    @property
    def credential(self) -> Credential:
        """As the catalog keeps it."""
        return Credential(id=self.id, type=self.type, desc=self.desc, url=self.url)


class ApplicationRequest(Body):
    """A request for empanelment (rule R3)."""

    kind: Literal["firm", "individual"]
    name: Label
    name_hi: Label
    short_desc: Text
    contact: Label = Field(description="the person to talk to")
    phone: Annotated[str, AfterValidator(read.phone)]
    email: Annotated[str, AfterValidator(read.email)]
    address: Text
    city: Label
    area_code: Annotated[str, AfterValidator(read.pincode)] = Field(description="pincode of the place of business")
    gps: Annotated[str, AfterValidator(_gps)] = Field(description="latitude,longitude of it")
    districts: tuple[District, ...] = Field(min_length=1, description="LGD codes or names")
    services: tuple[Service, ...] = Field(min_length=1, examples=[["SM-PLB"]])
    papers: tuple[Paper, ...] = ()
    gstin: Annotated[str, AfterValidator(_optional(read.gstin))] = ""
    has_pan: bool = True


class Review(Body):
    """The Samiti looks into it."""

    event: Literal["review"]


class Approve(Body):
    """Signed: the applicant becomes a provider."""

    event: Literal["approve"]
    provider_id: Id = Field(description="id of the provider to be made")
    number: Label = Field(description="number of the agreement")
    first: date = Field(description="its first day")
    until: date = Field(description="its last day")


class Refuse(Body):
    """Not taken."""

    event: Literal["refuse"]
    reason: Reason


class Withdraw(Body):
    """The applicant does not want any more."""

    event: Literal["withdraw"]
    reason: Annotated[str, Field(max_length=500)] = ""


Decision = Annotated[Review | Approve | Refuse | Withdraw, Field(discriminator="event")]


class Suspend(Body):
    """Out of the catalogue at once, no new orders; those that are made go on."""

    event: Literal["suspend"]
    reason: Reason


class Restore(Body):
    """Back in it."""

    event: Literal["restore"]
    reason: Reason


class Renew(Body):
    """A further agreement."""

    event: Literal["renew"]
    number: Label
    first: date
    until: date


Standing = Annotated[Suspend | Restore | Renew, Field(discriminator="event")]


class OutOfWork(Body):
    """A change that may make bookings of a worker impossible."""

    reassign: bool = Field(default=False, description="give the visits that it makes impossible to others at once")


class SuspendWorker(Suspend, OutOfWork):
    """Sent to nobody from now on."""


WorkerStanding = Annotated[SuspendWorker | Restore, Field(discriminator="event")]


class ApplicationView(BaseModel):
    """An application as it stands."""

    id: str
    state: State
    kind: str
    name: str
    name_hi: str
    short_desc: str
    contact: str
    phone: str
    email: str
    address: str
    city: str
    area_code: str
    gps: str
    districts: list[str]
    services: list[str]
    papers: list[dict[str, str]]
    gstin: str
    has_pan: bool
    reason: str
    provider_id: str = Field(description="the provider that its approval made")
    requested_at: Moment

    @classmethod
    def of(cls, one: Application) -> ApplicationView:
        """The view of an application."""
        return cls(**{**shown(one), "requested_at": one.requested_at})


class ApplicationPage(BaseModel):
    """Applications, by id."""

    items: list[ApplicationView]
    next: str | None = Field(description="cursor of the next page")


class AgreementView(BaseModel):
    """An agreement with the Samiti (rule R2)."""

    number: str
    first: date
    until: date

    @classmethod
    def of(cls, one: Agreement) -> AgreementView:
        """The view of an agreement."""
        return cls(number=one.number, first=one.first, until=one.last)


class Happened(BaseModel):
    """One step in a history, to which rows are only added."""

    at: Moment
    event: str
    actor: str = Field(description="role and mark of the token")
    source: str
    target: str
    reason: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, one: PartyEvent) -> Happened:
        """The view of a step."""
        return cls(
            **{name: getattr(one, name) for name in cls.model_fields if name != "detail"}, detail=dict(one.detail)
        )


class History(BaseModel):
    """What happened to a provider or worker; of a provider also its agreements."""

    agreements: list[AgreementView]
    events: list[Happened]


class ProviderStanding(BaseModel):
    """Whether a provider sells, and until when."""

    id: str
    status: Literal["active", "suspended"]
    agreement_from: date
    agreement_until: date
    on_sale: bool = Field(description="active, and its agreement in force today")


class BookingView(BaseModel):
    """A visit that its worker can no longer do: to be given to another."""

    ref: str
    fulfillment_id: str
    order_id: str
    channel: str
    state: str
    slot_start: Moment
    slot_end: Moment
    lead: bool = Field(description="false: one of several workers of the visit")
    reasons: list[str] = Field(examples=[["on_leave"]])

    @classmethod
    def of(cls, one: Booking) -> BookingView:
        """The view of a booking."""
        return cls(
            ref=one.ref,
            fulfillment_id=one.fulfillment_id,
            order_id=one.order_id,
            channel=one.channel,
            state=one.stage,
            slot_start=one.slot.start,
            slot_end=one.slot.end,
            lead=one.lead,
            reasons=list(one.reasons),
        )


class Affected(BaseModel):
    """The bookings of a worker that are to be given to others."""

    affected: list[BookingView]


class WorkerChanged(Affected):
    """A worker after a change, with the bookings that the change made impossible."""

    worker: dict[str, Any] = Field(description="as GET /workers/{id} shows the worker")
    reassigned: list[Relieved] = Field(description="visits given to others at once, where that was asked for")

    @classmethod
    def of(cls, worker: Worker, bookings: tuple[Booking, ...], reassigned: Sequence[Relieved] = ()) -> WorkerChanged:
        """The answer to a change."""
        affected = [BookingView.of(one) for one in bookings]
        return cls(worker=shown(worker), affected=affected, reassigned=list(reassigned))
