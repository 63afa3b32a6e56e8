"""Callbacks over the operator API."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bpp.storage.ports import Attempt


async def failed(desk, *, state="given_up"):
    """An order whose only callback has come to an end."""
    order = await desk.booked()
    await desk.event(order, "depart")
    attempt = Attempt(
        at=desk.clock(), number=1, outcome="refused: connection", http_status=None, code="", signature="S"
    )

    async def unit(work):
        await work.outbox.claim(desk.clock(), timedelta(seconds=30), 10, [1], [])
        await work.outbox.settle(1, state, None, attempt)
        await work.outbox.peer_failed("buyer.example.org", desk.clock(), desk.clock() + timedelta(hours=1))

    await desk.storage.run(unit)
    return order


async def test_callbacks_are_listed_newest_first_by_state(desk):
    order = await desk.booked()
    for name in ("depart", "arrive"):
        await desk.event(order, name)

    _, found = await desk.call("GET", "/deliveries?state=pending&limit=1")
    _, rest = await desk.call("GET", f"/deliveries?state=pending&limit=1&cursor={found['next']}")
    _, none = await desk.call("GET", "/deliveries?state=delivered")

    assert [one["id"] for one in found["items"] + rest["items"]] == [2, 1]
    assert found["next"] == "2"
    assert rest["next"] is None
    assert none == {"items": [], "next": None}
    assert found["items"][0]["order_ref"] == order.ref


async def test_one_callback_is_shown_with_attempts_and_body(desk):
    await failed(desk)

    status, found = await desk.call("GET", "/deliveries/1")

    assert (status, found["state"], found["attempt_count"]) == (200, "given_up", 1)
    assert found["attempts"][0]["outcome"] == "refused: connection"
    assert found["body"]["context"]["action"] == "on_status"


async def test_a_callback_that_was_given_up_is_sent_again_when_asked_for(desk):
    await failed(desk)
    desk.released.clear()
    desk.clock.tick(minutes=1)

    status, found = await desk.call("POST", "/deliveries/1/retry")

    assert (status, found["state"], found["attempt_count"]) == (200, "pending", 0)
    assert found["due_at"] == "2026-11-23T03:31:01.000Z"
    assert found["give_up_at"] == "2026-11-24T03:31:01.000Z"
    assert len(found["attempts"]) == 1
    assert desk.released == [1]
    claimed = await desk.storage.run(lambda work: work.outbox.claim(desk.clock(), timedelta(seconds=30), 10, [], []))
    assert [one.seq for one in claimed] == [1]


async def test_a_callback_under_way_is_left_alone(desk):
    order = await desk.booked()
    await desk.event(order, "depart")
    await desk.storage.run(lambda work: work.outbox.claim(desk.clock(), timedelta(seconds=30), 10, [1], []))

    status, answer = await desk.call("POST", "/deliveries/1/retry")

    assert (status, answer["error"]["code"]) == (409, "under_way")


async def test_a_callback_whose_body_was_erased_is_shown_without_it_and_not_sent_again(desk, sqlite_url):
    await failed(desk)
    with closing(sqlite3.connect(sqlite_url.partition("///")[2])) as connection:
        connection.execute("UPDATE message_bodies SET body = NULL")
        connection.commit()
    desk.released.clear()

    shown = await desk.call("GET", "/deliveries/1")
    status, answer = await desk.call("POST", "/deliveries/1/retry")
    _, after = await desk.call("GET", "/deliveries/1")

    assert (shown[0], shown[1]["body"], len(shown[1]["attempts"])) == (200, None, 1)
    assert (status, answer["error"]["code"]) == (409, "erased")
    assert after["state"] == "given_up"
    assert desk.released == []
    since = await desk.storage.read(lambda work: work.outbox.peer_failing_since("buyer.example.org"))
    assert since is not None  # its peer rests as before


async def test_an_answer_that_a_newer_one_replaced_is_not_sent_again(desk):
    await failed(desk, state="superseded")

    status, answer = await desk.call("POST", "/deliveries/1/retry")

    assert (status, answer["error"]["code"]) == (409, "superseded")


@pytest.mark.parametrize("number", ["99", "0", "-1", "x", "9" * 40, "%00", "１"])
async def test_an_unknown_callback_is_not_found(desk, number):
    for method, path in (("GET", f"/deliveries/{number}"), ("POST", f"/deliveries/{number}/retry")):
        status, answer = await desk.call(method, path)

        assert (status, answer["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("query", ["state=lost", "cursor=x", "cursor=0", f"cursor={'9' * 40}", "limit=501"])
async def test_a_wrong_parameter_is_named(desk, query):
    status, answer = await desk.call("GET", f"/deliveries?{query}")

    assert status == 422
    assert answer["error"]["path"] == query.partition("=")[0]


async def test_a_retry_takes_no_fields(desk):
    await failed(desk)

    status, answer = await desk.call("POST", "/deliveries/1/retry", {"now": True})

    assert (status, answer["error"]["path"]) == (422, "now")
