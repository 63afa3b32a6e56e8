"""Rate lists over the operator API: in with a dry run, out in the same form; and what is no rate list."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest

from bpp.core.rate_lists import Options, RateListOf, look_at, store
from bpp.operator.app import BASE_PATH
from bpp.operator.files import CSV, XLSX
from bpp.orders.assignment import local_day
from catalog.ratelist.read import read_rate_list
from catalog.ratelist.sheet import MOST_BYTES
from tests.support.rate_lists import as_csv, planted

PATH = f"{BASE_PATH}/providers/P-GOMTI/rate-list"
TAP = "सेवा,काम,दर\nप्लम्बर,नल टपक रहा,150\n".encode()
FAULTY = TAP + "प्लम्बर,यूनिकॉर्न,0\n".encode()


async def send(desk, content, media_type=CSV, path=PATH, key="", **query):
    headers = {"Authorization": "Bearer supervisor-token", "Content-Type": media_type}
    if key:
        headers["Idempotency-Key"] = key
    async with desk.client.post(path, data=io.BytesIO(content), headers=headers, params=query) as response:
        return response.status, await response.json()


async def fetched(desk, **query):
    headers = {"Authorization": "Bearer supervisor-token"}
    async with desk.client.get(PATH, headers=headers, params=query) as response:
        return response, await response.read()


async def own(desk):
    data = await desk.storage.read(lambda work: work.directory.load())
    return {one.id: one for one in data.offerings if one.provider_id == "P-GOMTI"}


async def test_a_list_is_looked_at_first_and_stored_then_on_either_database(desk_on_each):
    desk = desk_on_each
    before = await own(desk)

    status, dry = await send(desk, TAP, dry_run="true")
    assert (status, dry["dry_run"], dry["counts"]) == (200, True, {"new": 1})
    assert await own(desk) == before

    status, real = await send(desk, TAP)
    assert (status, real["stored"]) == (200, dry["stored"])
    assert set(await own(desk)) == {*before, *real["stored"]}

    _, again = await send(desk, TAP)
    assert (again["counts"], again["stored"]) == ({"unchanged": 1}, [])


async def test_a_refused_row_is_told_in_the_language_of_the_list_and_stops_all_but_what_is_asked_for(desk):
    before = await own(desk)

    status, answer = await send(desk, FAULTY)

    assert (status, answer["language"], answer["stored"]) == (200, "hi", [])
    assert await own(desk) == before
    assert [(one["row"], one["column"], one["kind"]) for one in answer["rows"][1]["faults"]] == [
        (3, "दर", "price_zero"),
        (3, "काम", "unknown_service"),
    ]

    _, answer = await send(desk, FAULTY, skip_faulty="true")
    assert len(answer["stored"]) == 1


async def test_what_the_list_leaves_out_is_made_inactive_only_when_asked(desk):
    before = await own(desk)

    _, answer = await send(desk, TAP, replace="true")

    after = await own(desk)
    assert set(answer["absent"]) == set(before)
    assert not any(after[key].active for key in before)
    assert after[answer["rows"][0]["offering_id"]].active


async def test_the_same_key_brings_the_stored_answer_and_no_second_import(desk):
    first = await send(desk, TAP, key="K")
    assert await send(desk, TAP, key="K") == first

    status, answer = await send(desk, FAULTY, key="K")
    assert (status, answer["error"]["code"]) == (422, "idempotency_key_reused")


async def test_a_list_that_is_only_looked_at_waits_for_no_writer_and_keeps_no_answer(desk):
    begun, done = asyncio.Event(), asyncio.Event()

    async def busy(_work):
        begun.set()
        await done.wait()

    writing = asyncio.create_task(desk.storage.run(busy))
    await begun.wait()
    status, answer = await send(desk, TAP, dry_run="true", key="K")
    assert (status, answer["counts"], writing.done()) == (200, {"new": 1}, False)
    done.set()
    await writing

    assert (await send(desk, TAP, key="K"))[1]["stored"] == answer["stored"]


async def test_what_was_changed_while_a_list_was_looked_at_is_looked_at_again(desk):
    _, first = await send(desk, TAP)
    (offering_id,) = first["stored"]
    worlds = desk.context.worlds
    world = await desk.storage.read(worlds.current)
    rates = read_rate_list(TAP.replace(b"150", b"175"))
    came = RateListOf(rates=rates, provider_id="P-GOMTI", options=Options(), today=local_day(world.now))
    looked = look_at(came, world.catalog)
    assert looked is not None
    assert looked.stored[0].unit == "job"

    async def renamed(work):
        await work.directory.put_offering(replace(world.catalog.offerings[offering_id], unit="piece"))

    async def stored(work):
        return await store(came, looked, (await worlds.current(work)).catalog, work)

    await desk.storage.run(renamed)
    taken = await desk.storage.run(stored)

    assert taken is not looked
    after = (await own(desk))[offering_id]
    assert (after.unit, str(after.price)) == ("piece", "175.00")


async def test_what_others_changed_meanwhile_does_not_make_a_list_be_looked_at_again(desk):
    worlds = desk.context.worlds
    world = await desk.storage.read(worlds.current)
    came = RateListOf(rates=read_rate_list(TAP), provider_id="P-GOMTI", options=Options(), today=local_day(world.now))
    looked = look_at(came, world.catalog)
    assert looked is not None

    async def stored(work):
        return await store(came, looked, (await worlds.current(work)).catalog, work)

    await desk.storage.run(lambda work: work.directory.put_worker(world.catalog.workers["W-AMIN-1"]))
    assert await desk.storage.run(stored) is looked


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize(("form", "media_type"), [("csv", CSV), ("xlsx", XLSX)])
async def test_what_is_given_out_is_taken_again_as_unchanged(desk, form, media_type, language):
    response, content = await fetched(desk, format=form, language=language)

    assert response.content_type == media_type
    assert f"P-GOMTI-rates.{form}" in response.headers["Content-Disposition"]
    status, answer = await send(desk, content, media_type)
    assert status == 200
    assert set(answer["counts"]) == {"unchanged"}
    assert answer["language"] == language


@pytest.mark.parametrize(
    ("content", "media_type", "query", "status", "code"),
    [
        (TAP, "application/json", {}, 415, "unsupported_media_type"),
        (b"a,b\n1,2\n", CSV, {}, 422, "no_headings"),
        (b"", CSV, {}, 422, "empty"),
        (b"PK\x03\x04", XLSX, {}, 422, "not_xlsx"),
        (b" " * (MOST_BYTES + 1), CSV, {}, 413, "refused"),
        (TAP, CSV, {"dry_run": "perhaps"}, 422, "invalid"),
        (TAP, CSV, {"wings": "1"}, 422, "invalid"),
    ],
)
async def test_what_is_no_rate_list_has_no_effect(desk, content, media_type, query, status, code):
    before = await own(desk)

    got, answer = await send(desk, content, media_type, **query)

    assert (got, answer["error"]["code"]) == (status, code)
    assert await own(desk) == before


async def test_a_list_may_be_larger_than_a_message_of_the_network(desk):
    content = as_csv(planted("hi", rows=50, faults=0)) + b",,\n" * 500_000  # empty rows, of which sheets have many

    status, answer = await send(desk, content, dry_run="true")

    assert (status, answer["counts"]) == (200, {"new": 50})


async def test_an_unknown_provider_has_no_list(desk):
    path = f"{BASE_PATH}/providers/P-NOBODY/rate-list"

    assert (await send(desk, TAP, path=path))[0] == 404
    assert (await desk.call("GET", "/providers/P-NOBODY/rate-list"))[0] == 404


async def test_the_description_says_which_files_are_taken_and_given(desk):
    async with desk.client.get(f"{BASE_PATH}/openapi.json") as response:
        found = (await response.json())["paths"]["/providers/{id}/rate-list"]

    assert set(found["post"]["requestBody"]["content"]) == {CSV, XLSX}
    assert set(found["get"]["responses"]["200"]["content"]) == {CSV, XLSX}
    assert "415" in found["post"]["responses"]
