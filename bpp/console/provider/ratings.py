"""What customers say of a provider and of its workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from bpp.console.language import msg
from bpp.console.page import Page, Visit
from bpp.console.provider.common import OWNERS, known_as, provider_of
from bpp.core.world import World
from bpp.operator.feedback import PageQuery, ReviewPage, provider_ratings
from bpp.operator.routes import Query
from bpp.storage.ports import Work
from catalog.ranking import bayesian

OF_A_PAGE = 20


class RatingQuery(Query):
    """Which page."""

    after: str | None = Field(default=None, max_length=64)


async def read_ratings(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The rating as it is published, what it comes from, and how each worker is rated."""
    provider = provider_of(visit, world)
    query = PageQuery(limit=OF_A_PAGE, cursor=visit.query.after)
    answer = await provider_ratings(visit.call(query=query, id=provider.id), work, world)
    found = answer.content
    assert isinstance(found, ReviewPage)  # noqa: S101  the call gives nothing else
    return {
        "provider": provider,
        "ratings": found,
        "team": [
            (one.id, known_as(one, visit), f"{bayesian(one.rating):.1f}", one.rating.count)
            for one in world.catalog.workers_of.get(provider.id, ())
            if one.rating.count
        ],
        "ways": WAYS,
    }


WAYS: Mapping[str, str] = {
    "ondc": msg("by a buyer app"),
    "phone": msg("by telephone"),
    "portal": msg("on the portal"),
}
"""By which way somebody said it."""

PAGES = (
    Page(
        path="/provider/{provider}/ratings",
        name="provider-ratings",
        title=msg("Ratings"),
        roles=OWNERS,
        read=read_ratings,
        template="provider_ratings.html",
        query=RatingQuery,
        audited=True,
    ),
)
