"""The load generator tells the truth of a server that loses, refuses, errs, repeats itself and hangs up."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest
from aiohttp import web

from beckn_schemas.ack import ack, nack
from bpp.bench.bodies import Signed
from bpp.bench.loader import summed_up
from bpp.bench.traffic import Traffic


def requests_for(port: int, fates: list[str]) -> list[Signed]:
    """Requests whose ids say what shall become of them."""
    found = []
    for number, fate in enumerate(fates):
        body = orjson.dumps({"context": {"message_id": f"{fate}-{number}"}})
        head = (
            f"POST /select HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        found.append(Signed(message_id=f"{fate}-{number}", head=head.encode(), body=body))
    return found


SILENT = {"hangup", "lost"}
REFUSED = {"refused": (nack("30000", "no"), 400), "overloaded": (ack(), 503)}


@asynccontextmanager
async def lossy_server(sink: int):
    """Answers each request as the request says."""
    tasks: set[asyncio.Task[None]] = set()

    async def call(message_id: str, fate: str, session: aiohttp.ClientSession) -> None:
        callback = {"context": {"message_id": message_id, "action": "on_select"}, "message": {}}
        if fate == "error":
            callback["error"] = {"code": "40002"}
        if fate == "strange":
            callback["context"]["message_id"] = "somebody-else"
        for _ in range(2 if fate == "repeated" else 1):
            await session.post(f"http://127.0.0.1:{sink}/on_select", json=callback)

    async def receive(request: web.Request) -> web.Response:
        message_id = orjson.loads(await request.read())["context"]["message_id"]
        fate = message_id.partition("-")[0]
        if fate == "hangup":
            assert request.transport is not None
            request.transport.close()
        elif fate == "early":
            await call(message_id, fate, session)
        elif fate not in SILENT | REFUSED.keys():
            tasks.add(asyncio.create_task(call(message_id, fate, session)))
        answer, status = REFUSED.get(fate, (ack(), 200))
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_post("/select", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as session:
        yield runner.addresses[0][1]
        await asyncio.gather(*tasks)
    await runner.cleanup()


@pytest.fixture
async def traffic():
    traffic = Traffic()
    yield traffic
    traffic.close()
    await asyncio.sleep(0)  # they end at the loop's next turn


@pytest.fixture
async def sink(traffic):
    return await traffic.listen()


FATES = ["good"] * 30 + ["early"] * 5 + ["lost"] * 4 + ["refused"] * 3 + ["overloaded"] * 2 + ["error"] * 6
FATES += ["repeated"] * 2 + ["strange"] + ["hangup"] * 2


async def test_a_closed_loop_counts_each_round_trip_by_what_became_of_it(traffic, sink):
    async with lossy_server(sink) as port:
        tally = await traffic.closed_loop(port, requests_for(port, FATES), seconds=60, in_flight=12, patience=4)
    found = summed_up(tally)
    fates = Counter(FATES)
    assert found["sent"] == len(FATES)
    assert found["refused"] == fates["refused"] + fates["overloaded"]
    assert found["errors"] == fates["error"]
    assert found["completed"] == fates["good"] + fates["early"] + fates["error"] + fates["repeated"]
    assert found["lost"] == fates["lost"] + fates["strange"] + fates["hangup"]
    assert found["broken"] == fates["hangup"]
    assert found["repeated"] == fates["repeated"]
    assert found["strange"] == fates["strange"]
    assert len(tally.round_trips) == found["completed"]
    assert "HTTP/1.1 400" in "".join(tally.refusals)


async def test_an_open_loop_counts_latency_from_when_a_request_was_due(traffic, sink):
    async with lossy_server(sink) as port:
        fates = ["good"] * 40 + ["lost"] * 2
        tally = await traffic.open_loop(port, requests_for(port, fates), seconds=60, rate=400, patience=4)
    assert (tally.sent, tally.completed) == (42, 40)
    assert all(one > 0 for one in tally.round_trips)


async def test_a_slice_without_a_server_left_ends_and_has_lost_what_was_under_way(traffic, sink):
    async with lossy_server(sink) as port:
        tally = await traffic.closed_loop(
            port, requests_for(port, ["hangup"] * 9), seconds=30, in_flight=3, patience=30
        )
    assert (tally.sent, tally.completed, tally.broken) == (3, 0, 3)


async def test_what_is_not_a_signed_priced_on_select_is_a_fault_of_the_sample(traffic, sink):
    async with lossy_server(sink) as port:
        tally = await traffic.closed_loop(port, requests_for(port, ["good"]), seconds=5, in_flight=1, patience=30)
    found = summed_up(tally)
    assert found["looked_at"] == 1
    assert found["faults"] == ["there is no signature"]
