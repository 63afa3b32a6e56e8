"""The worker's pages without a browser: who sees what, what is refused, what the slip proves."""

from __future__ import annotations

import re

import pytest

from bpp.people.model import Role
from tests.support.console import a_visitor, signed_in
from tests.support.network import otp_of
from tests.support.worker_console import hired, state_of, worker_named, worker_visitor

CUSTOMER = "Sandbox Customer"


async def test_a_worker_stays_signed_in_for_days_though_the_browser_is_closed(network, capsys):
    job = await hired(network)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        (cookie,) = (one for one in visitor.session.cookie_jar if one.key == "console")
        for _ in range(4):
            network.clock.tick(days=6)
            assert (await visitor.get(f"{job.pages}/today")).status == 200
        network.clock.tick(days=7)
        gone = await visitor.get(f"{job.pages}/today")

    assert int(cookie["max-age"]) == 30 * 24 * 3600
    assert gone.url.path == "/console/sign-in"


async def test_a_worker_sees_nothing_of_another_worker(network, capsys):
    job = await hired(network)
    other = next(one for one in await workers(network) if one.id != job.worker.id)
    async with worker_visitor(network, other, capsys) as visitor:
        pages = [await visitor.get(f"{job.pages}/{name}") for name in ("today", "availability", "earnings", "slip")]
        own = await visitor.get(f"/console/worker/{other.id}/today")
        fields = own.form("language")[1]
        foreign = [
            await visitor.post(f"/console/worker/{worker}/jobs/{job.ref}/depart", {"csrf": fields["csrf"]})
            for worker in (job.worker.id, other.id)
        ]

    assert [one.status for one in (*pages, *foreign)] == [404] * 6
    assert await state_of(network, job.ref) == "ASSIGNED"


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.PROVIDER, {"today": 200, "availability": 200, "earnings": 200, "slip": 200}),
        (Role.OPERATOR, {"today": 200, "availability": 200, "earnings": 403, "slip": 403}),
        (Role.OFFICER, {"today": 200, "availability": 200, "earnings": 403, "slip": 403}),
        (Role.ACCOUNTANT, {"today": 403, "availability": 403, "earnings": 200, "slip": 200}),
        (Role.ENGINEER, {"today": 403, "availability": 403, "earnings": 403, "slip": 403}),
    ],
)
async def test_others_look_as_far_as_their_role_goes_and_press_nothing(network, role, seen):
    job = await hired(network)
    more = {"provider_id": job.worker.provider_id} if role is Role.PROVIDER else {}
    async with signed_in(network, role, **more) as visitor:
        found = {name: await visitor.get(f"{job.pages}/{name}") for name in seen}
        csrf = (await visitor.get("/console/account")).form("language")[1]["csrf"]
        pressed = await visitor.post(f"{job.pages}/jobs/{job.ref}/depart", {"csrf": csrf})

    assert {name: page.status for name, page in found.items()} == seen
    assert pressed.status == 403
    assert (CUSTOMER in found["today"].text) == (role in {Role.PROVIDER, Role.OPERATOR})
    if role is Role.ACCOUNTANT:
        assert job.worker.name not in found["slip"].text


async def test_another_provider_sees_nothing_of_the_worker(network):
    job = await hired(network)
    world = await network.context.storage.read(network.context.worlds.current)
    other = next(one for one in world.catalog.providers if one != job.worker.provider_id)
    async with signed_in(network, Role.PROVIDER, provider_id=other) as visitor:
        assert (await visitor.get(f"{job.pages}/today")).status == 404


async def test_a_wrong_otp_that_is_sent_twice_is_one_wrong_try(network, capsys):
    job = await hired(network)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        page = await at_the_door(visitor, job)
        where, fields = page.form("/start")
        for _ in range(2):
            refused = await visitor.post(where, {**fields, "otp": "x"})
            assert refused.status == 422
            assert "4 tries are left" in refused.words


async def test_after_too_many_wrong_otps_the_page_says_whom_to_call(network, capsys):
    job = await hired(network)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        page = await at_the_door(visitor, job)
        for _ in range(5):
            page = await visitor.send(page, "/start", otp="x")

        assert "Too many wrong OTPs. Please call 155330" in page.words
        assert not [one for one, _ in page.forms() if one.endswith("/start")]


async def test_a_step_that_somebody_else_has_done_already_is_refused_in_words(network, capsys):
    job = await hired(network)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        page = await visitor.get(f"{job.pages}/today")
        await network.event(job.confirmed, "depart")
        refused = await visitor.send(page, "/depart")

    assert refused.status == 409
    assert "This is not possible as things stand now." in refused.words


async def test_nobody_is_engaged_elsewhere_over_his_or_her_jobs_without_saying_so(network, capsys):
    job = await hired(network)
    days = {"mode": "industry", "employer": "Mill", "first": "2026-11-23", "last": "2026-11-30"}
    async with worker_visitor(network, job.worker, capsys) as visitor:
        page = await visitor.get(f"{job.pages}/availability")
        refused = await visitor.send(page, "/engage", **days)
        assert refused.status == 409
        assert "Jobs are booked on these days." in refused.words
        assert (await worker_named(network, job.worker.id)).engagements == ()
        done = await visitor.send(refused, "/engage", **days, force="yes")

    assert done.status == 200
    assert len((await worker_named(network, job.worker.id)).engagements) == 1
    _, order = await network.call("GET", f"/orders/{job.ref}")
    assert order["worker_id"] != job.worker.id


async def test_the_position_of_a_worker_is_taken_on_the_way_and_nowhere_else(network, capsys):
    job = await hired(network)
    assert job.worker.shares_location
    async with worker_visitor(network, job.worker, capsys) as visitor:
        page = await visitor.get(f"{job.pages}/today")
        assert "data-where" not in page.text
        where, csrf = f"{job.pages}/jobs/{job.ref}/location", page.form("language")[1]["csrf"]
        early = await visitor.post(where, {"csrf": csrf, "gps": "26.851,80.997"})
        on_the_way = await visitor.send(page, "/depart")
        taken = await visitor.post(where, {"csrf": csrf, "gps": "26.851,80.997"})
        nonsense = await visitor.post(where, {"csrf": csrf, "gps": "here"})

    assert "data-where" in on_the_way.text
    assert (early.status, taken.status, nonsense.status) == (422, 200, 422)


async def test_a_slip_says_for_ever_what_it_said_and_every_other_address_nothing(network, capsys):
    status, _ = await network.call("PATCH", "/providers/P-GOMTI", {"worker_share": "60"})
    assert status == 200
    job = await hired(network)
    await done(network, job)
    network.clock.tick(minutes=1)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        slip = await visitor.get(f"{job.pages}/slip")
    (address,) = re.findall(r'class="address" href="([^"]+)"', slip.text)
    async with a_visitor(network) as stranger:
        first = await stranger.get(address)
        network.clock.tick(minutes=1)
        await hand_over(network, job.worker, "100.00")
        later = await stranger.get(address)
        changed = [
            await stranger.get(address.replace(job.worker.id, "W-NOBODY")),
            await stranger.get(address.replace("2026-11-01", "2026-10-01")),
            await stranger.get(address[:-1] + ("0" if address[-1] != "0" else "1")),
        ]

    assert first.status == 200
    assert first.words == later.words
    assert job.worker.name in first.words
    assert re.search(r"Earned into the wallet ₹\d", first.words)
    assert re.search(r"Cash taken at the door ₹199.00", first.words)
    assert CUSTOMER not in first.text
    assert [one.status for one in changed] == [404, 404, 404]
    assert (first.headers["Cache-Control"], first.headers["X-Robots-Tag"]) == ("no-store", "noindex")


async def test_earnings_tell_what_was_handed_over_and_what_is_still_in_hand(network, capsys):
    job = await hired(network)
    await done(network, job)
    await hand_over(network, job.worker, "100.00")
    network.clock.tick(days=1)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        month = await visitor.get(f"{job.pages}/earnings")
        today = await visitor.get(f"{job.pages}/earnings?first=2026-11-24&last=2026-11-24")

    assert "Cash handed over ₹100.00" in month.words
    assert "Cash to be handed to the provider ₹99.00" in month.words
    assert "Nothing in these days." in today.words
    assert "Cash to be handed to the provider ₹99.00" in today.words


async def test_a_slip_is_for_days_that_have_been(network, capsys):
    job = await hired(network)
    async with worker_visitor(network, job.worker, capsys) as visitor:
        for days in ("first=2026-11-24", "first=2026-01-01", "first=yesterday"):
            assert (await visitor.get(f"{job.pages}/slip?{days}")).status == 400


async def test_the_script_that_keeps_the_page_reaches_these_pages_and_no_others(network):
    async with a_visitor(network) as visitor:
        script = await visitor.get("/console/worker/worker-offline.js")

    assert script.status == 200
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert script.headers["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in script.headers


async def at_the_door(visitor, job):
    page = await visitor.send(await visitor.get(f"{job.pages}/today"), "/depart")
    return await visitor.send(page, "/arrive")


async def done(network, job):
    await network.pushed(job.confirmed, "depart")
    arrived = await network.pushed(job.confirmed, "arrive")
    await network.pushed(job.confirmed, "start", otp=otp_of(arrived))
    await network.pushed(job.confirmed, "complete")


async def hand_over(network, worker, amount):
    receipt = {"kind": "cash_handover", "payer": worker.id, "provider_id": worker.provider_id, "reference": "H1"}
    status, answer = await network.call("POST", "/receipts", {**receipt, "amount": amount})
    assert status == 201, answer


async def workers(network):
    world = await network.context.storage.read(network.context.worlds.current)
    return sorted(world.catalog.workers.values(), key=lambda one: one.id)
