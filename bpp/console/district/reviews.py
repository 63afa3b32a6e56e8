"""What customers said of a provider or worker in the district, and whether it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpp.console.district.bounds import district_of
from bpp.console.district.words import RATERS, REVIEWED, SUBJECTS, who
from bpp.console.page import Done, Form, Visit, outcome
from bpp.core.privacy import read_worker
from bpp.core.world import World
from bpp.operator import feedback
from bpp.operator.feedback import Moderation, ReviewListed, ReviewPage
from bpp.operator.order_events import Reason
from bpp.operator.problems import not_found
from bpp.operator.routes import Handler
from bpp.orders.ratings import AGENT, Review, Subject
from bpp.storage.ports import Work

MOST = 100
"""Of how many of the newest reviews those of the district are shown."""
LISTS: Mapping[Subject, Handler] = {"provider": feedback.provider_ratings, "worker": feedback.worker_ratings}


class Judged(Form):
    """Why a review is set aside or restored."""

    reason: Reason


async def reviews_of(
    visit: Visit, subject: Subject, subject_id: str, district: str, work: Work, world: World
) -> Sequence[ReviewListed]:
    """The newest reviews of somebody that are of orders or projects of a district."""
    call = visit.call(query=feedback.PageQuery(limit=MOST), id=subject_id)
    page: ReviewPage = (await LISTS[subject](call, work, world)).content  # type: ignore[assignment]
    here = await work.figures.orders_within(district, [one.ref for one in page.items if one.of == "order"])
    return [one for one in page.items if one.ref in here or await _of_project(one, district, work)]


async def read_review(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One review with all that was said, and its history; who was rated is named, and leaves a row."""
    place = district_of(visit)
    found = await _review(visit, work)
    told = await feedback.get_rating(visit.call(ref=found.ref), work, world)
    rated = (world.catalog.worker(one.subject) for one in found.values if one.category == AGENT)
    return {
        "district": place,
        "review": told.content,
        "provider": world.catalog.providers.get(found.provider_id),
        "workers": {
            one.id: await read_worker(one, visit.caller.reader, work, world) for one in rated if one is not None
        },
        "subjects": SUBJECTS,
        "raters": RATERS,
        "steps": REVIEWED,
        "who": who,
    }


async def set_aside(visit: Visit, work: Work, world: World) -> Done:
    """Let a review count no more."""
    return await _judge(feedback.set_aside, visit, work, world)


async def restore(visit: Visit, work: Work, world: World) -> Done:
    """Let a review that was set aside count again."""
    return await _judge(feedback.restore, visit, work, world)


async def _judge(judge: Handler, visit: Visit, work: Work, world: World) -> Done:
    found = await _review(visit, work)
    answer = await judge(visit.call(body=Moderation(reason=visit.form.reason), ref=found.ref), work, world)
    return outcome(answer, f"/console/district/{visit.path['district']}/reviews/{found.ref}")


async def _review(visit: Visit, work: Work) -> Review:
    """The review of the path, if what it is of lies in the district of the path."""
    found = await work.feedback.get(visit.path["review"])
    district = visit.path["district"]
    if found is not None and found.of == "order" and await work.figures.orders_within(district, [found.ref]):
        return found
    if found is not None and await _of_project(found, district, work):
        return found
    raise not_found("review of", visit.path["review"])


async def _of_project(one: Review | ReviewListed, district: str, work: Work) -> bool:
    if one.of != "project":
        return False
    project = await work.projects.get(one.ref)
    return project is not None and project.requirement.district == district
