"""The command that says how far the network was told, over a database from which a server was pushing."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from bpp.observability.gaps import day_of
from bpp.storage.engine import open_storage, upgrade
from bpp.storage.ports_observability import Progress, Refusal, Told
from tests.support.clock import FakeClock
from tests.support.observatory import log_all, logged
from tests.support.request_builders import REQUESTS

HELD, NO_TIME = "a server", timedelta()


async def told(url, age):
    """Of today something was pushed and one entry refused, and one message, so old, waits for an endpoint that fails."""
    now = datetime.now(UTC)
    refused = Refusal(seq=1, part="request", at=now, type="init", words="4003 INVALID_ENUM_VALUE", refused_at=now)
    counts: dict[tuple[date, Told], int] = {(day_of(now), "pushed"): 41, (day_of(now), "refused"): 1}
    progress = Progress(before=0, after=0, counts=counts, refused=[refused])
    await upgrade(url)
    storage = open_storage(url)
    await storage.run(lambda work: work.observability.begin(now))
    await storage.run(lambda work: work.observability.take(HELD, now, now + timedelta(minutes=1)))
    assert await storage.run(lambda work: work.observability.advance(HELD, progress, now, now))
    await storage.run(lambda work: work.observability.put_off(HELD, 2, now + timedelta(hours=1), "HTTP 503"))
    await log_all(storage, logged(REQUESTS["select"], FakeClock(now - age)))
    await storage.close()


@pytest.fixture
def filled(sqlite_url):
    return lambda age=NO_TIME: asyncio.run(told(sqlite_url, age))


def test_status_says_how_far_it_came_and_what_holds_it_up(bpp, filled):
    filled()
    found = bpp("observability", "status", "--json").json

    assert (found["told_up_to"], found["failures"], found["reason"], found["waiting"]) == (0, 2, "HTTP 503", 1)
    assert found["pushing"] is False
    assert "HTTP 503" in bpp("observability", "status").out


def test_gaps_tell_each_day_and_fail_where_one_is_late(bpp, filled):
    filled(timedelta(days=3))
    said = bpp("observability", "gaps", "--json")

    assert said.status == 1
    assert [one["waiting"] for one in said.json["days"] if one["late"]] == [1]
    assert [(one["pushed"], one["refused"]) for one in said.json["days"] if one["pushed"]] == [(41, 1)]
    (refused,) = said.json["refusals"]
    transaction = REQUESTS["select"]["context"]["transaction_id"]
    assert (refused["words"], refused["transaction_id"]) == ("4003 INVALID_ENUM_VALUE", transaction)
    assert transaction in bpp("observability", "gaps").out


def test_a_day_that_is_late_for_more_than_a_week_is_told_without_being_asked_for(bpp, filled):
    filled(timedelta(days=10))
    said = bpp("observability", "gaps", "--json")

    assert (said.status, [one["late"] for one in said.json["days"]]) == (1, [True, False])


def test_gaps_of_some_days_are_those_days_alone(bpp, filled):
    filled(timedelta(days=3))
    today = day_of(datetime.now(UTC)).isoformat()
    said = bpp("observability", "gaps", "--from", today, "--until", today, "--json")

    assert (said.status, [one["day"] for one in said.json["days"]]) == (0, [today])


def test_again_has_refused_entries_pushed_once_more_and_ends_a_pause(bpp, filled):
    filled()
    counts = [bpp("observability", "again", "--json").json for _ in range(2)]

    assert counts == [{"again": 1}, {"again": 0}]
    assert bpp("observability", "status", "--json").json["not_before"] is None


def test_a_database_of_which_nobody_was_told_anything_has_no_gaps(bpp):
    assert bpp("observability", "gaps", "--json").json == {"days": [], "refusals": []}
    assert bpp("observability", "status", "--json").json["told_up_to"] is None
