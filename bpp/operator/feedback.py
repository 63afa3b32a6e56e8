"""Ratings and feedback: given by telephone or on the portal, listed for providers and workers, and moderated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from bpp.core.privacy import PersonalData, Reader, note_read
from bpp.core.rate import GivenRating, Teller, moderate, rate
from bpp.core.world import World
from bpp.errors import BppError
from bpp.operator.auth import DESK, OFFICERS
from bpp.operator.order_events import Reason
from bpp.operator.order_models import Moment
from bpp.operator.orders import order_at
from bpp.operator.problems import ApiProblem, invalid, not_found, of_error
from bpp.operator.routes import Answer, Body, Call, Query, Route
from bpp.orders.masking import hidden_detail
from bpp.orders.ratings import AGENT, LONGEST_FEEDBACK, Review, Subject
from bpp.storage.ports import Work
from bpp.storage.ports_feedback import ListedReview, ReviewEvent
from catalog.model import Rating
from catalog.ranking import bayesian

Value = Annotated[int, Field(ge=1, le=5)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_FEEDBACK)]


class NewReview(Body):
    """What a customer says of a completed order, by telephone or on the portal; at least one value."""

    rater: Literal["phone", "portal"] = Field(description="by which way the customer says it")
    provider: Value | None = Field(default=None, description="1 to 5 for the provider")
    workers: dict[str, Value] = Field(
        default={}, description="1 to 5 for workers who came, by their ids", max_length=20
    )
    feedback: Text = Field(default="", description="free text for the Samiti; never published")


class Moderation(Body):
    """Why a review is set aside or restored."""

    reason: Reason


class RatedValue(BaseModel):
    """One value of a review."""

    category: str = Field(description="Provider, Order, Fulfillment, Item or Agent")
    subject: str = Field(description="id of what is rated; a worker's for Agent")
    value: int


class ReviewStep(BaseModel):
    """One step in the life of a review."""

    at: Moment
    action: str = Field(description="given, changed, set_aside or restored")
    by: str
    reason: str = ""


class ReviewShown(BaseModel):
    """A review of an order or project."""

    ref: str
    of: Literal["order", "project"]
    provider_id: str
    rater_kind: Literal["ondc", "phone", "portal"]
    rated_at: Moment
    set_aside: bool
    values: list[RatedValue]
    feedback: str | None = Field(description="null for those who may not read it")
    history: list[ReviewStep]


class ReviewListed(BaseModel):
    """A review in the list of a provider or worker."""

    ref: str
    of: Literal["order", "project"]
    value: int = Field(description="what it says of this provider or worker")
    counts: bool = Field(description="false: set aside, or the same customer has said something newer")
    set_aside: bool
    rater: str = Field(description="the same for the same customer; says nothing else of him or her")
    rater_kind: Literal["ondc", "phone", "portal"]
    rated_at: Moment
    feedback: str | None


class ReviewPage(BaseModel):
    """How a provider or worker is rated, and by whom, newest first."""

    id: str
    rating: str | None = Field(description="as it is published and ranked by; null without ratings", examples=["4.2"])
    count: int = Field(description="customers whose word counts")
    items: list[ReviewListed]
    next: str | None


class PageQuery(Query):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


async def post_rating(call: Call, work: Work, world: World) -> Answer:
    """Keep what the customer of an order says; a later word corrects it."""
    order = await order_at(call, work)
    body: NewReview = call.body
    values = {
        AGENT: body.workers,
        "Provider": {} if body.provider is None else {order.seller.provider_id: body.provider},
    }
    given = tuple(
        GivenRating(category=category, subject=subject, value=str(value))
        for category, said in values.items()
        for subject, value in said.items()
    )
    if not given:
        raise invalid("a value for the provider or for a worker is expected", path="provider")
    teller = Teller(kind=body.rater, by=call.caller.name)
    try:
        review = await rate(order, given, teller, work, world, text=body.feedback)
    except BppError as problem:
        raise of_error(problem, path="workers" if problem.path.startswith("message.") else problem.path) from problem
    return Answer(content=await shown(review, work, world, reader=call.caller.reader))


async def get_rating(call: Call, work: Work, world: World) -> Answer:
    """The review of an order or project."""
    return Answer(content=await shown(await _review(call, work), work, world, reader=call.caller.reader))


async def set_aside(call: Call, work: Work, world: World) -> Answer:
    """Let a review count no more."""
    return await _moderated(call, work, world, aside=True)


async def restore(call: Call, work: Work, world: World) -> Answer:
    """Let a review that was set aside count again."""
    return await _moderated(call, work, world, aside=False)


async def provider_ratings(call: Call, work: Work, world: World) -> Answer:
    """How a provider is rated."""
    provider = world.catalog.providers.get(call.path["id"])
    if provider is None:
        raise not_found("provider", call.path["id"])
    return await _listed(call, "provider", provider.rating, work, world)


async def worker_ratings(call: Call, work: Work, world: World) -> Answer:
    """How a worker is rated."""
    worker = world.catalog.worker(call.path["id"])
    if worker is None:
        raise not_found("worker", call.path["id"])
    return await _listed(call, "worker", worker.rating, work, world)


async def shown(review: Review, work: Work, world: World, *, reader: Reader) -> ReviewShown:
    """A review as the reader may see it; the words of one in it leave a row."""
    if review.text and reader.sees(PersonalData.FEEDBACK):
        await note_read(reader, "feedback", review.ref, work, world)
    return ReviewShown(
        ref=review.ref,
        of=review.of,
        provider_id=review.provider_id,
        rater_kind=review.rater_kind,
        rated_at=review.rated_at,
        set_aside=review.aside,
        values=[RatedValue(category=one.category, subject=one.subject, value=one.value) for one in review.values],
        feedback=_text(review, reader),
        history=[_step(one, reader) for one in await work.feedback.events(review.ref)],
    )


async def _moderated(call: Call, work: Work, world: World, *, aside: bool) -> Answer:
    review = await _review(call, work)
    if review.aside is aside:
        state, possible = ("set aside", "restore") if aside else ("counting", "set-aside")
        raise ApiProblem(409, "not_allowed", f"this review is {state} already", allowed=[possible])
    reason = call.body.reason
    changed = await moderate(review, aside=aside, by=call.caller.name, reason=reason, work=work, world=world)
    return Answer(content=await shown(changed, work, world, reader=call.caller.reader))


async def _review(call: Call, work: Work) -> Review:
    review = await work.feedback.get(call.path["ref"])
    if review is None:
        raise not_found("review of", call.path["ref"])
    return review


async def _listed(call: Call, subject: Subject, rating: Rating, work: Work, world: World) -> Answer:
    query: PageQuery = call.query
    reader = call.caller.reader
    found = await work.feedback.of_subject(subject, call.path["id"], query.cursor, query.limit + 1)
    page = found[: query.limit]
    if reader.sees(PersonalData.FEEDBACK):
        for ref in (one.review.ref for one in page if one.review.text):
            await note_read(reader, "feedback", ref, work, world)
    return Answer(
        content=ReviewPage(
            id=call.path["id"],
            rating=f"{bayesian(rating):.1f}" if rating.count else None,
            count=rating.count,
            items=[_item(one, reader) for one in page],
            next=page[-1].review.ref if len(found) > len(page) else None,
        )
    )


def _item(one: ListedReview, reader: Reader) -> ReviewListed:
    review = one.review
    return ReviewListed(
        ref=review.ref,
        of=review.of,
        value=one.value,
        counts=one.counts,
        set_aside=review.aside,
        rater=review.rater[:12],
        rater_kind=review.rater_kind,
        rated_at=review.rated_at,
        feedback=_text(review, reader),
    )


def _step(one: ReviewEvent, reader: Reader) -> ReviewStep:
    detail = one.detail if reader.sees(PersonalData.FEEDBACK) else hidden_detail(one.detail)
    return ReviewStep(at=one.at, action=one.action, by=one.by, reason=str(detail.get("reason", "")))


def _text(review: Review, reader: Reader) -> str | None:
    return review.text if reader.sees(PersonalData.FEEDBACK) else None


REVIEW: TypeAdapter[ReviewShown] = TypeAdapter(ReviewShown)
REFUSED = "not completed, the time for it is over, or whoever did the work would rate it"
ROUTES = (
    Route(
        method="POST",
        path="/orders/{ref}/rating",
        name="rate-order",
        tag="ratings",
        summary="What the customer says of a completed order, by telephone or on the portal",
        handler=post_rating,
        body=TypeAdapter(NewReview),
        answer=REVIEW,
        problems={404: "no such order", 409: REFUSED, 422: "a value is wrong, or a worker was not sent"},
        roles=DESK,
    ),
    Route(
        method="GET",
        path="/ratings/{ref}",
        name="get-rating",
        tag="ratings",
        summary="The review of an order or project, with its history",
        handler=get_rating,
        answer=REVIEW,
        problems={404: "it was not rated"},
        audited=True,
    ),
    *(
        Route(
            method="POST",
            path=f"/ratings/{{ref}}/{action}",
            name=f"{action}-rating",
            tag="ratings",
            summary=summary,
            handler=handler,
            body=TypeAdapter(Moderation),
            answer=REVIEW,
            problems={404: "it was not rated", 409: "it is so already"},
            roles=OFFICERS,
        )
        for action, summary, handler in (
            ("set-aside", "Let a review count no more; it is kept", set_aside),
            ("restore", "Let a review that was set aside count again", restore),
        )
    ),
    *(
        Route(
            method="GET",
            path=f"/{name}s/{{id}}/ratings",
            name=f"{name}-ratings",
            tag="ratings",
            summary=f"How a {name} is rated, and which reviews count",
            handler=handler,
            query=PageQuery,
            answer=TypeAdapter(ReviewPage),
            problems={404: f"no such {name}"},
            audited=True,
        )
        for name, handler in (("provider", provider_ratings), ("worker", worker_ratings))
    ),
)
