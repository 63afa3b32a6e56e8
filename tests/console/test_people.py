"""The administrator's pages: who signs in, what is done to them, and what is on record of it."""

from __future__ import annotations

import asyncio
import re

import pytest

from bpp.core.people import disable
from bpp.people import second_factor
from bpp.people.accounts import AccountRefused
from bpp.people.model import Role
from bpp.storage.ports_people import EventFilter, PersonFilter
from tests.support.browser import DESK, PHONE
from tests.support.console import PASSWORD, a_provider, a_visitor, a_window, add_person, signed_in

OWN = "a password of my own"


@pytest.fixture
async def admin(network):
    async with signed_in(network, Role.ADMIN, login="chief") as visitor:
        yield visitor


async def test_somebody_who_is_added_signs_in_with_the_password_that_was_told_and_then_an_own_one(network, admin):
    page = await admin.get("/console/people/new")
    told = told_on(page)
    added = await admin.send(page, "people/new", login="Asha.V", name="Asha Verma", role="operator")

    assert "Added. The password must be changed" in added.words
    assert told not in added.text, "it is told once"
    async with a_visitor(network) as asha:
        first = await asha.sign_in("asha.v", told)
        assert first.url.path == "/console/sign-in/password"
        inside = await asha.send(first, "password", present=told, password=OWN, again=OWN)
        assert "/sign-in" not in inside.url.path
        assert "Asha Verma" in inside.words
    assert [(one.event, one.by, one.detail) for one in await happened(network, "asha.v")][-1] == (
        *("added", "chief"),
        "operator",
    )


REFUSED = (
    ({"login": "a b"}, "A login has three to forty small letters"),
    ({"login": "worker:W1"}, "A login has three to forty small letters"),
    ({"login": "chief"}, "Somebody else has this login already."),
    ({"name": " "}, "Please fill this in."),
    ({"role": "provider"}, "Please choose the service provider"),
    ({"role": "provider", "provider_id": "P-NOBODY"}, "Please choose the service provider"),
    ({"role": "officer"}, "Please choose the district"),
    ({"role": "officer", "district": "9999"}, "Please choose the district"),
    ({"role": "worker"}, "Sewamitras sign in by telephone"),
    ({"role": "king"}, "Please choose one of the list."),
    ({"password": "chosen by me"}, "This cannot be taken as it is."),
)


async def test_whoever_cannot_be_added_is_not_and_what_was_typed_stays(network, admin):
    for fields, words in REFUSED:
        page = await admin.get("/console/people/new")
        given = {"login": "asha", "name": "Asha Verma", "role": "operator", **fields}
        refused = await admin.send(page, "people/new", **given)

        assert refused.status in {409, 422}, fields
        assert words in refused.words, fields
        assert refused.form("people/new")[1]["login"] == given["login"]
    assert {one.login for one in await everybody(network)} == {"chief"}


async def test_a_service_provider_may_have_several_people_and_each_sees_what_is_its_own(network, admin):
    provider = await a_provider(network)
    for login in ("owner", "partner"):
        page = await admin.get("/console/people/new")
        await admin.send(page, "people/new", login=login, name=login, role="provider", provider_id=provider)
    listed = await admin.get(f"/console/people?provider_id={provider}")

    assert {"owner", "partner"} <= set(re.findall(r">([a-z]+)</a></th>", listed.text))
    assert "chief</a></th>" not in listed.text
    assert {one.provider_id for one in await everybody(network) if one.role is Role.PROVIDER} == {provider}


async def test_another_password_takes_the_place_of_the_old_one_and_lifts_the_lock(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha", failures=5, locked_until=None)
    async with a_visitor(network) as asha:
        await asha.sign_in("asha")
        page = await admin.get(f"/console/people/{person.id}")
        told = told_on(page)
        done = await admin.send(page, "/password")

        assert "The password was given." in done.words
        assert (await asha.get("/console/account")).url.path == "/console/sign-in", "out in every browser"
        assert (await asha.sign_in("asha")).status == 422
        assert (await asha.sign_in("asha", told)).url.path == "/console/sign-in/password"


async def test_whoever_is_disabled_is_out_at_once_and_enabled_back_in(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as asha:
        await asha.sign_in("asha")
        await admin.send(await admin.get(f"/console/people/{person.id}"), "/disable")

        assert (await asha.get("/console/account")).url.path == "/console/sign-in"
        assert (await asha.sign_in("asha")).status == 422
        assert "disabled" in (await admin.get("/console/people?text=asha")).words
        await admin.send(await admin.get(f"/console/people/{person.id}"), "/enable")
        assert (await asha.sign_in("asha")).status == 200
    assert [(one.event, one.by) for one in await happened(network, "asha")] == [
        *(("signed_in", "asha"), ("enabled", "chief"), ("refused_locked", "asha"), ("disabled", "chief")),
        ("signed_in", "asha"),
    ]


async def test_after_too_many_wrong_passwords_an_administrator_unlocks(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as asha:
        for _ in range(5):
            await asha.sign_in("asha", "wrong")
        page = await admin.get(f"/console/people/{person.id}")
        assert "locked until" in page.words
        await admin.send(page, "/unlock")
        assert (await asha.sign_in("asha")).status == 200


async def test_a_lost_telephone_is_replaced(network_with_totp):
    network = network_with_totp
    person = await add_person(network, Role.OPERATOR, "asha")
    await add_person(network, Role.ADMIN, "chief")
    async with a_visitor(network) as asha, a_visitor(network) as admin:
        await enrolled(network, admin, "chief")
        old = await enrolled(network, asha, "asha")
        done = await admin.send(await admin.get(f"/console/people/{person.id}"), "/second-factor")

        assert "The second factor was taken away." in done.words
        assert (await asha.get("/console/account")).url.path == "/console/sign-in"
        assert await enrolled(network, asha, "asha") != old


async def test_sessions_are_ended_and_counted(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as one, a_visitor(network) as other:
        await one.sign_in("asha")
        await other.sign_in("asha")
        page = await admin.get(f"/console/people/{person.id}")
        assert re.search(r"Browsers signed in now\s+2", page.words)
        await admin.send(page, "/sessions")
        for visitor in (one, other):
            assert (await visitor.get("/console/account")).url.path == "/console/sign-in"


async def test_a_role_that_lacks_something_is_refused_where_what_is_wrong_can_be_seen(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    page = await admin.get(f"/console/people/{person.id}")
    refused = await admin.send(page, "/role", role="officer", district="")

    assert refused.status == 422
    assert re.search(r'<details class="confirm[^>]* open>\s*<summary[^>]*>Another role', refused.text)
    assert not re.search(r'<details class="confirm[^>]* open>\s*<summary[^>]*>Disable', refused.text)


async def test_another_role_is_another_persons_pages_at_once(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as asha:
        await asha.sign_in("asha")
        page = await admin.get(f"/console/people/{person.id}")
        done = await admin.send(page, "/role", role="officer", district="162")
        assert "The role was changed." in done.words
        assert (await asha.get("/console/account")).url.path == "/console/sign-in"
        await asha.sign_in("asha")
        assert "District officer" in (await asha.get("/console/account")).words


@pytest.mark.parametrize(("action", "fields"), [("/disable", {}), ("/role", {"role": "operator"})])
async def test_the_last_administrator_stays_one(network, admin, action, fields):
    await add_person(network, Role.ADMIN, "gone", disabled=True)
    refused = await admin.send(await admin.get("/console/people/person:chief"), action, **fields)

    assert refused.status == 409
    assert "This is the last administrator." in refused.words
    assert (await admin.get("/console/people")).status == 200


async def test_of_two_administrators_who_disable_each_other_at_the_same_moment_one_stays(network):
    await add_person(network, Role.ADMIN, "one")
    await add_person(network, Role.ADMIN, "other")

    async def gone(login):
        now = network.clock()
        return await network.context.storage.run(lambda work: disable(f"person:{login}", "x", work, now))

    came = await asyncio.gather(gone("one"), gone("other"), return_exceptions=True)

    assert [type(one) for one in came if isinstance(one, Exception)] == [AccountRefused]
    assert len([one for one in await everybody(network) if not one.disabled]) == 1


async def test_a_button_pressed_twice_does_it_once(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    where, fields = (await admin.get(f"/console/people/{person.id}")).form("/disable")
    answers = await asyncio.gather(admin.post(where, fields), admin.post(where, fields))

    assert [one.status for one in answers] == [200, 200]
    assert [one.event for one in await happened(network, "asha")] == ["disabled"]


async def test_of_two_forms_of_one_page_that_are_each_sent_twice_each_is_done_once(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as asha:
        await asha.sign_in("asha")
    page = await admin.get(f"/console/people/{person.id}")
    for action in ("/sessions", "/disable"):
        where, fields = page.form(action)
        await asyncio.gather(admin.post(where, fields), admin.post(where, fields))

    assert [one.event for one in await happened(network, "asha")] == ["disabled", "sessions_ended", "signed_in"]


async def test_the_record_of_the_door_is_filtered_and_read_page_by_page(network, admin):
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as asha:
        await asha.sign_in("asha", "wrong")
        await asha.sign_in("nobody", "wrong")
        network.clock.tick(days=1)
        await asha.sign_in("asha")
    await admin.sign_in("chief")
    door = "/console/audit/door"
    everything = (await admin.get(door)).words
    assert "Tried with a login that nobody has" in everything
    assert "nobody who is known" in everything
    rows = re.compile(r"<tr>\s*<td><time")
    wrong = await admin.get(f"{door}?login=asha&event=wrong_password")
    assert len(rows.findall(wrong.text)) == 1
    today = network.clock().date()
    assert len(rows.findall((await admin.get(f"{door}?login=asha&since={today}")).text)) == 1
    assert len(rows.findall((await admin.get(f"{door}?login=asha&until={today}")).text)) == 2
    assert len(rows.findall((await admin.get(f"{door}?login=nobody")).text)) == 0
    for none in ("cursor=x", f"cursor={2**63}", "until=9999-12-31", "since=0001-01-01"):
        assert (await admin.get(f"{door}?{none}")).status == 400, none


async def test_longer_records_go_on_at_the_next_page(network, admin):
    person = await add_person(network, Role.OPERATOR, "asha")
    for _ in range(2):
        for deed in ("/disable", "/enable") * 13:
            await admin.send(await admin.get(f"/console/people/{person.id}"), deed)
    first = await admin.get("/console/audit/door?login=asha")
    onwards = re.findall(r'href="([^"]*cursor=[^"]*)"', first.text)
    second = await admin.get(onwards[0].replace("&amp;", "&"))

    assert [len(re.findall(r"<tr>\s*<td><time", one.text)) for one in (first, second)] == [50, 2]
    assert "Earlier" not in second.words


async def test_full_reads_are_listed_and_filtered(network, admin):
    ref = await network.ref(await network.booked())
    async with signed_in(network, Role.OPERATOR) as operator:
        await operator.get(f"/console/orders/{ref}")
    reads = await admin.get("/console/audit/reads?kind=order")

    assert "operator:operator" in reads.words
    assert ref in reads.words
    assert "Nothing to show" in (await admin.get("/console/audit/reads?who=operator:nobody")).words


async def test_a_person_who_is_not_there_is_answered_as_such(network, admin):
    assert (await admin.get("/console/people/person:nobody")).status == 404
    where, fields = (await admin.get("/console/people/person:chief")).form("/disable")
    gone = await admin.post(where.replace("chief", "nobody"), fields)
    assert gone.status == 404


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hi at 360 px", "en on desktop"])
async def test_an_administrators_day_in_a_browser(network, browser, language, size):
    await add_person(network, Role.ADMIN, "chief", language=language)
    await add_person(network, Role.OPERATOR, "asha")
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.sign_in("chief")
        await window.open("/console/people/new")
        await page.fill("[name=login]", "ravi")
        await page.fill("[name=name]", "रवि कुमार")
        await page.select_option("[name=role]", "officer")
        await page.click("form[action$='/people/new'] button.main")
        await page.wait_for_selector("#problems:focus")
        assert await page.locator("[aria-invalid] ~ .wrong").count() == 1
        assert await window.barriers() == []
        await page.select_option("[name=district]", "162")
        await page.click("form[action$='/people/new'] button.main")
        await page.wait_for_selector(".done")
        assert await page.locator("h1").inner_text() == "रवि कुमार"
        for action in ("password", "disable", "enable", "role"):
            await page.locator(f"details.confirm:has(form[action$='/{action}']) > summary").click()
            await page.locator(f"form[action$='/{action}'] > button").click()
            await page.wait_for_url(f"**did=person-{action}")
        one = page.url.removeprefix(f"{network.url}/console")
        for path in ("/people", "/people/new", one, "/audit/door", "/audit/reads"):
            await window.open(f"/console{path}")
            for folded in await page.locator("details.confirm > summary").all():
                await folded.click()
            assert (path, await window.barriers(), await window.overflow()) == (path, [], 0)
        assert [one for one in window.complaints if "422" not in one] == []


def told_on(page):
    """The password that a page tells."""
    (told,) = re.findall(r'class="told">([^<]+)<', page.text)
    return told


async def happened(network, login):
    """What happened to somebody, newest first."""

    async def unit(work):
        person = await work.people.by_login(login)
        return [one for _, one in await work.people.events(EventFilter(person_id=person.id))]

    return await network.context.storage.read(unit)


async def everybody(network):
    return await network.context.storage.read(lambda work: work.people.listed(PersonFilter()))


async def enrolled(network, visitor, login):
    """Sign in and set up a second factor; its secret."""
    network.clock.tick(minutes=1)
    page = await visitor.sign_in(login, PASSWORD)
    assert page.url.path == "/console/sign-in/enrol"
    secret = bytes.fromhex(page.form("enrol")[1]["secret"])
    code = second_factor.code_at(secret, int(network.clock().timestamp()) // second_factor.STEP)
    inside = await visitor.send(page, "enrol", code=code)
    assert "/sign-in" not in inside.url.path
    return secret
