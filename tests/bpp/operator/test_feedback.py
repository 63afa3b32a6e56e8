"""Ratings by telephone and on the portal, what providers and workers see of them, and moderation."""

from __future__ import annotations

from typing import Any

from tests.bpp.operator.conftest import OPERATOR


async def done(desk, phone="9811111111"):
    order = await desk.booked(phone=phone)
    for name in ("depart", "arrive"):
        await desk.event(order, name)
    await desk.event(order, "start", otp=await desk.otp(order))
    status, _ = await desk.event(order, "complete")
    assert status == 200
    return await desk.order(order)


async def rate(desk, order, as_=OPERATOR, **body):
    return await desk.call("POST", f"/orders/{order.ref}/rating", {"rater": "phone", **body}, as_=as_)


async def rating(desk, path="/providers/P-GOMTI/ratings"):
    status, answer = await desk.call("GET", path)
    assert status == 200
    return answer


async def test_a_customer_rates_by_telephone_and_corrects_it_on_the_portal(desk):
    order = await done(desk)
    worker = order.visit.assignee.worker_id
    _, first = await rate(desk, order, provider=2, workers={worker: 5}, feedback="देर से आए")
    status, second = await rate(desk, order, rater="portal", provider=4)

    assert status == 200
    assert first["feedback"] is None  # not for the role of an operator
    assert second["values"] == [
        {"category": "Agent", "subject": worker, "value": 5},
        {"category": "Provider", "subject": "P-GOMTI", "value": 4},
    ]
    assert [one["action"] for one in second["history"]] == ["given", "changed"]
    of_provider, of_worker = await rating(desk), await rating(desk, f"/workers/{worker}/ratings")
    assert (of_provider["rating"], of_provider["count"], of_worker["rating"]) == ("4.0", 1, "4.2")
    (listed,) = of_provider["items"]
    assert (listed["ref"], listed["value"], listed["counts"], listed["rater_kind"]) == (order.ref, 4, True, "portal")
    assert listed["feedback"] == "देर से आए"
    assert order.billing["phone"] not in str(of_provider)


async def test_the_newest_word_of_a_customer_counts_whatever_the_number_of_orders(desk):
    for value in (5, 5, 1):
        await rate(desk, await done(desk), provider=value)
    first = await rating(desk, "/providers/P-GOMTI/ratings?limit=2")
    rest = await rating(desk, f"/providers/P-GOMTI/ratings?limit=2&cursor={first['next']}")

    assert (first["count"], first["rating"], rest["next"]) == (1, "3.5", None)
    assert [(one["value"], one["counts"]) for one in (*first["items"], *rest["items"])] == [
        (1, True),
        (5, False),
        (5, False),
    ]
    assert len({one["rater"] for one in first["items"]}) == 1


async def test_a_rating_that_is_set_aside_does_not_count_until_it_is_restored(desk):
    order = await done(desk)
    await rate(desk, order, provider=1)

    forbidden, _ = await desk.call("POST", f"/ratings/{order.ref}/set-aside", {"reason": "x"}, as_=OPERATOR)
    status, aside = await desk.call("POST", f"/ratings/{order.ref}/set-aside", {"reason": "अभद्र भाषा"})
    gone = await rating(desk)
    again, problem = await desk.call("POST", f"/ratings/{order.ref}/set-aside", {"reason": "again"})
    await rate(desk, order, provider=2)  # the customer's later word changes nothing of that
    still = await rating(desk)
    _, restored = await desk.call("POST", f"/ratings/{order.ref}/restore", {"reason": "checked"})

    assert (forbidden, status, again) == (403, 200, 409)
    assert problem["error"]["allowed"] == ["restore"]
    assert aside["set_aside"] is True
    assert gone["rating"] is still["rating"] is None
    assert [one["counts"] for one in still["items"]] == [False]
    assert [(one["action"], one["reason"]) for one in restored["history"]] == [
        ("given", ""),
        ("set_aside", "अभद्र भाषा"),
        ("changed", ""),
        ("restored", "checked"),
    ]
    assert (await rating(desk))["rating"] == "3.7"


async def test_after_the_window_nothing_is_rated_or_changed(desk):
    order, other = await done(desk), await done(desk, phone="9822222222")
    await rate(desk, order, provider=1)
    desk.clock.tick(days=7, minutes=1)

    late, problem = await rate(desk, order, provider=5)
    first, _ = await rate(desk, other, provider=5)

    assert (late, first, problem["error"]["code"]) == (409, 409, "invalid_rating")
    assert (await rating(desk))["rating"] == "3.5"


async def test_nobody_rates_his_or_her_own_work(desk):
    for phone in ("9000000001", "+91 90000 00001", "9000000102"):  # the provider's, and a worker's
        status, problem = await rate(desk, await done(desk, phone=phone), provider=5)
        assert (status, problem["error"]["code"]) == (409, "invalid_rating")

    assert (await rating(desk))["items"] == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "provider"),
    ({"provider": 6}, "provider"),
    ({"provider": 0}, "provider"),
    ({"provider": 4.5}, "provider"),
    ({"workers": {"W-NONE": 5}}, "workers"),
    ({"provider": 5, "workers": {"W-GOMTI-1": "5"}}, "workers.W-GOMTI-1"),
    ({"provider": 5, "feedback": "x" * 1001}, "feedback"),
    ({"provider": 5, "rater": "ondc"}, "rater"),
    ({"provider": 5, "stars": 5}, "stars"),
]


async def test_what_is_no_rating_is_refused_and_has_no_effect(desk):
    order = await done(desk)

    for body, path in BAD:
        status, problem = await rate(desk, order, **body)
        assert (status, problem["error"]["path"]) == (422, path)

    assert (await desk.call("GET", f"/ratings/{order.ref}"))[0] == 404


async def test_unknown_orders_and_subjects_are_404_and_work_that_is_not_done_is_409(desk):
    order = await desk.booked()

    assert (await rate(desk, order, provider=5))[0] == 409
    for method, path in (
        ("POST", "/orders/none/rating"),
        ("POST", "/ratings/none/set-aside"),
        ("GET", "/ratings/none"),
        ("GET", "/providers/none/ratings"),
        ("GET", "/workers/none/ratings"),
    ):
        body = {"rater": "phone", "provider": 5} if path.endswith("rating") else {"reason": "x"}
        assert (await desk.call(method, path, body if method == "POST" else None))[0] == 404
