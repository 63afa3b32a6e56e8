"""A catalog from files over a live one: what was decided since about providers and workers is not undone in silence."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from bpp.core.catalog_import import store_catalog
from bpp.parties.keeping import DECIDED, Differing, kept
from catalog.load import CatalogData
from catalog.model import Credential, Engagement, Provider, Worker
from tests.support.catalog_builders import a_provider, a_worker
from tests.support.clock import MONDAY_MORNING

FILES = CatalogData(providers=(a_provider(),), offerings=(), workers=(a_worker(),))
LATER = date(2031, 1, 1)
SINCE: dict[type, dict[str, Any]] = {
    Provider: {"status": "suspended", "agreement_from": date(2020, 1, 1), "agreement_until": LATER},
    Worker: {
        "active": False,
        "available": False,
        "leaves": ((LATER, LATER),),
        "engagements": (Engagement(id="E1", mode="government", employer="Demo", first=LATER, last=LATER),),
        "verified_until": LATER,
        "verification": "PV-2",
        "skills": {"SM-COK": LATER},
        "creds": (Credential(id="C2", type="Certificate", desc="x", url=""),),
    },
}


async def stored(storage, data, **more):
    def unit(work):
        return store_catalog(data, lambda _: None, work, MONDAY_MORNING, **more)

    found = await storage.run(unit)
    return found, await storage.read(lambda work: work.directory.load())


def since(**changes):
    provider = replace(a_provider(), **SINCE[Provider])
    return CatalogData(providers=(provider,), offerings=(), workers=(replace(a_worker(), **SINCE[Worker], **changes),))


@pytest.mark.parametrize("kind", [Provider, Worker])
def test_whatever_is_decided_about_stays_and_the_rest_is_what_the_files_say(kind):
    assert tuple(SINCE[kind]) == DECIDED[kind]
    known = since()
    said = replace(FILES, providers=(a_provider(name="New name"),), workers=(a_worker(name="New name"),))

    found = kept(said, known)

    (after,) = found.providers if kind is Provider else found.workers
    (told,) = said.providers if kind is Provider else said.workers
    for one in fields(kind):
        assert getattr(after, one.name) == SINCE[kind].get(one.name, getattr(told, one.name)), one.name


async def test_an_import_over_a_live_database_keeps_standing_and_papers_and_says_of_whom(storage):
    await stored(storage, since())

    found, after = await stored(storage, replace(FILES, workers=(a_worker(name="New name"), a_worker(id="W2"))))

    assert found == (Differing("provider", "P1", DECIDED[Provider]), Differing("worker", "W1", DECIDED[Worker]))
    assert after.providers == since().providers
    assert after.workers == (replace(since().workers[0], name="New name"), a_worker(id="W2"))
    assert (await stored(storage, after))[0] == ()


async def test_what_an_import_changes_of_a_standing_when_told_to_is_in_the_histories(storage):
    await stored(storage, since())
    renewed = replace(since().providers[0], agreement_until=LATER + timedelta(days=1))

    _, after = await stored(storage, replace(FILES, providers=(renewed,)), standing=True)

    assert after.providers == (renewed,)
    assert after.workers == (a_worker(),)
    (of_provider,) = await storage.read(lambda work: work.parties.history("provider", "P1"))
    (of_worker,) = await storage.read(lambda work: work.parties.history("worker", "W1"))
    assert (of_provider.event, of_provider.detail) == ("import", {"agreement_until": "set"})
    assert tuple(sorted(of_worker.detail)) == tuple(sorted(DECIDED[Worker]))
