"""The door from outside: what an attacker tries there, by many tries at once, by what is told, by what was left open."""

from __future__ import annotations

import asyncio
import base64
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bpp.console.doorway import AT_ONCE, HASHERS
from bpp.console.sandbox_people import add_sandbox_people
from bpp.people.door import new_session
from bpp.people.model import SANDBOX_MARK, Role, Step, token_digest
from bpp.setting_types import OUTSIDE_SANDBOX
from signing.keys import encode_private_key, encode_public_key, generate_encryption_key, generate_signing_key
from tests.console.test_people import enrolled
from tests.console.test_sign_in import a_workers_phone, code, token
from tests.support.console import PASSWORD, a_visitor, add_person, signed_in
from tests.support.network import running_network
from tests.support.seeded import seeded_sqlite

ACCOUNT = "/console/account"
DOOR = "/console/sign-in"
OTHER = "another password of mine"
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/console/\\evil.example",
    "/console/\t/evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/console//evil.example\r\nSet-Cookie: console=x",
    "/console.evil.example/",
    "/api/v1/orders",
    "console/account",
)


# Who is sent where


async def test_nobody_is_sent_elsewhere_after_signing_in_or_choosing_a_language(network):
    await add_person(network, Role.OPERATOR, "asha")
    for address in ELSEWHERE:
        async with a_visitor(network) as visitor:
            _, fields = (await visitor.get(DOOR)).form("/console/sign-in")
            given = {**fields, "login": "asha", "password": PASSWORD}
            there = await moved(visitor, f"{DOOR}?next={quote(address, safe='')}", given)
            chosen = {"csrf": await fresh(visitor), "language": "hi", "back": address}
            back = await moved(visitor, "/console/language", chosen)
        assert there.startswith("/console/"), address
        assert "evil" not in there + back, (address, there, back)
        assert back == "/console/", address


async def test_whoever_had_to_sign_in_first_comes_to_what_was_asked_for_with_its_query(network):
    await add_person(network, Role.ADMIN, "chief")
    async with a_visitor(network) as visitor:
        page = await visitor.get("/console/people?text=a%26b&role=operator")
        inside = await visitor.send(page, "/console/sign-in", login="chief", password=PASSWORD)

    assert inside.url.path == "/console/people"
    assert dict(inside.url.query) == {"text": "a&b", "role": "operator"}


async def test_whoever_sends_a_form_too_late_comes_back_to_its_page(network):
    async with signed_in(network, Role.ADMIN, login="chief") as visitor:
        page = await visitor.get("/console/people/new")
        network.clock.tick(hours=2)
        late = await visitor.send(page, "people/new", login="asha", name="Asha", role="operator")
        assert late.url.path == DOOR
        back = await visitor.send(late, "/console/sign-in", login="chief", password=PASSWORD)

    assert back.url.path == "/console/people/new"
    assert await known(network, "asha") is None


# What is told


async def test_nobody_learns_which_logins_there_are_nor_how_they_stand(network):
    await add_person(network, Role.OPERATOR, "asha")
    await add_person(network, Role.OPERATOR, "gone", disabled=True)
    await add_person(network, Role.OPERATOR, "shut", locked_until=network.clock.tick(hours=1))
    network.clock.tick(hours=-1)
    worker = await add_person(network, Role.WORKER, "by-telephone", password="", worker_id="W")
    answers = set()
    async with a_visitor(network) as visitor:
        for login, password in (
            *(("asha", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD), ("shut", PASSWORD)),
            *((worker.login, ""), (worker.login, "wrong"), ("asha'--", "wrong"), ("a" * 5000, "b" * 5000)),
        ):
            answer = await visitor.sign_in(login, password)
            answers.add((answer.status, answer.words))

    assert len(answers) == 1


async def test_a_telephone_that_is_nobodys_is_told_the_same_and_counted_the_same(network, capsys):
    phone = await a_workers_phone(network)
    answers = {}
    for number in (phone, "9000000000"):
        async with a_visitor(network) as visitor:
            shown = [await asked(visitor, number) for _ in range(5)]
            shown += [await visitor.send(shown[0], "sign-in/code", code="000000") for _ in range(7)]
            answers[number] = [(one.status, one.words) for one in shown]

    assert answers[phone] == answers["9000000000"]
    assert capsys.readouterr().out.count("text message") == 3, "no more go to one telephone in a quarter of an hour"


async def test_the_answer_does_not_wait_for_the_text_to_be_sent(tmp_path, clock):
    asked_for, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        asked_for.set()
        await may_answer.wait()
        return web.Response()

    async with (
        a_gateway(slow) as url,
        running_network(seeded_sqlite(tmp_path), tmp_path, clock, BPP_SMS_URL=url, BPP_SMS_TOKEN="t") as network,
    ):
        async with a_visitor(network) as visitor:
            answer = await asked(visitor, await a_workers_phone(network))
            assert answer.status == 200
            async with asyncio.timeout(60):
                await asked_for.wait()
        may_answer.set()


# How often


async def test_one_address_asks_for_so_many_codes_whosever_the_numbers(network, capsys):
    phone = await a_workers_phone(network)
    async with a_visitor(network) as visitor:
        statuses = [(await asked(visitor, f"90000{n:05}")).status for n in range(AT_ONCE)]
        refused = [(await asked(visitor, number)).status for number in (phone, "9123456789")]

    assert statuses == [200] * AT_ONCE
    assert refused == [429, 429]
    assert "text message" not in capsys.readouterr().out


async def test_tries_that_come_together_are_not_more_than_those_that_come_one_by_one(network):
    async with a_visitor(network) as visitor:
        _, fields = (await visitor.get(DOOR)).form("/console/sign-in")
        tries = (
            visitor.post(DOOR, {**fields, "login": f"nobody{n}", "password": "wrong"}) for n in range(AT_ONCE + 15)
        )
        statuses = [one.status for one in await asyncio.gather(*tries)]

    looked_at = statuses.count(422)
    assert AT_ONCE <= looked_at < AT_ONCE + HASHERS
    assert statuses.count(429) == len(statuses) - looked_at


async def test_tries_of_one_login_that_come_together_are_each_counted_and_the_right_one_comes_too_late(network):
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as visitor:
        _, fields = (await visitor.get(DOOR)).form("/console/sign-in")
        guesses = ["wrong"] * 7
        await asyncio.gather(*(visitor.post(DOOR, {**fields, "login": "asha", "password": one}) for one in guesses))
        assert (await visitor.sign_in("asha")).status == 422
    person = await known(network, "asha")
    assert person.failures == 5
    assert person.locked_until > network.clock()


async def test_a_code_is_tried_five_times_and_then_the_right_one_is_refused(network, capsys):
    async with a_visitor(network) as visitor:
        page = await asked(visitor, await a_workers_phone(network))
        right = sent(capsys)
        for n in range(5):
            wrong = f"{(int(right) + 1 + n) % 10**6:06}"
            assert (await visitor.send(page, "sign-in/code", code=wrong)).status == 422
        assert (await visitor.send(page, "sign-in/code", code=right)).status == 422


async def test_whoever_guesses_code_after_code_of_a_worker_is_locked_out_for_longer_each_time(network, capsys):
    phone = await a_workers_phone(network)
    person_id = f"worker:{(await worker_of(network, phone)).id}"
    for failures, quarters in ((5, 1), (10, 2)):
        async with a_visitor(network) as visitor:
            page = await asked(visitor, phone)
            right = sent(capsys)
            for n in range(5):
                await visitor.send(page, "sign-in/code", code=f"{(int(right) + 1 + n) % 10**6:06}")
            page = await asked(visitor, phone)
            right = sent(capsys)
            assert (await visitor.send(page, "sign-in/code", code=right)).status == 422, "another code opens nothing"
        person = await network.context.storage.read(lambda work: work.people.get(person_id))
        assert person.failures == failures
        assert person.locked_until - network.clock() == quarters * timedelta(minutes=15)
        network.clock.tick(minutes=15 * quarters)
    async with a_visitor(network) as visitor:
        page = await asked(visitor, phone)
        assert (await visitor.send(page, "sign-in/code", code=sent(capsys))).status == 200


async def test_a_worker_who_was_renamed_signs_in_under_the_name_of_now(network, capsys):
    phone = await a_workers_phone(network)
    worker = await worker_of(network, phone)
    async with a_visitor(network) as visitor:
        await visitor.send(await asked(visitor, phone), "sign-in/code", code=sent(capsys))
    status, _ = await network.call("PATCH", f"/workers/{worker.id}", {"name": "Somebody Else"})
    assert status == 200
    async with a_visitor(network) as visitor:
        await visitor.send(await asked(visitor, phone), "sign-in/code", code=sent(capsys))
        assert "Somebody Else" in (await visitor.get(ACCOUNT)).words


async def test_a_code_is_taken_once_in_time_and_only_with_its_own_telephone(network, capsys):
    phone = await a_workers_phone(network)
    async with a_visitor(network) as visitor, a_visitor(network) as other:
        page = await asked(visitor, phone)
        right = sent(capsys)
        assert (
            await other.send(page, "sign-in/code", code=right, phone="9000000000", csrf=await fresh(other))
        ).status == 422
        network.clock.tick(minutes=5)
        assert (await visitor.send(page, "sign-in/code", code=right)).status == 422
        page = await asked(visitor, phone)
        again = sent(capsys)
        assert (await visitor.send(page, "sign-in/code", code=again)).status == 200
        assert (await other.send(page, "sign-in/code", code=again, csrf=await fresh(other))).status == 422


async def test_five_wrong_codes_of_the_second_factor_lock_and_the_password_does_not_unlock(network_with_totp):
    network = network_with_totp
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as visitor:
        secret = await enrolled(network, visitor, "asha")
    network.clock.tick(minutes=1)
    async with a_visitor(network) as thief:
        for _ in range(5):
            page = await thief.sign_in("asha")
            assert page.url.path == "/console/sign-in/totp"
            await thief.send(page, "totp", code=wrong_code(secret, network))
        assert (await thief.sign_in("asha")).status == 422
        assert (await thief.send(page, "totp", code=code(secret, network))).status == 422


async def test_whoever_finds_a_browser_open_does_not_guess_the_password_in_it(network):
    async with signed_in(network, Role.OPERATOR, login="asha") as visitor:
        page = await visitor.get("/console/sign-in/password")
        for _ in range(5):
            assert (await changed(visitor, page, "guess")).status == 422
        assert (await changed(visitor, page, PASSWORD)).status == 422, "locked, even for the right one"
    assert (await known(network, "asha")).failures == 5


async def test_whoever_finds_a_browser_open_does_not_set_up_a_second_factor_in_it(network):
    async with signed_in(network, Role.PROVIDER, login="firm") as visitor:
        page = await visitor.get("/console/sign-in/enrol")
        right = code(bytes.fromhex(page.form("enrol")[1]["secret"]), network)
        for present in ("", "guess", "guess", "guess", "guess"):
            assert (await visitor.send(page, "enrol", code=right, present=present)).status == 422
        assert (await visitor.send(page, "enrol", code=right, present=PASSWORD)).status == 422, "locked"
    person = await known(network, "firm")
    assert not person.has_totp
    assert person.locked_until > network.clock()


# What is left open


async def test_another_password_ends_every_other_session_and_a_second_factor_those_without_one(network):
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as here, a_visitor(network) as there:
        for visitor in (here, there):
            await visitor.sign_in("asha")
        await changed(here, await here.get("/console/sign-in/password"), PASSWORD)
        assert await inside(here)
        assert not await inside(there)
        await there.sign_in("asha", OTHER)
        page = await here.get("/console/sign-in/enrol")
        secret = bytes.fromhex(page.form("enrol")[1]["secret"])
        await here.send(page, "enrol", code=code(secret, network), present=OTHER)
        assert await inside(here)
        assert not await inside(there)
        assert (await here.get("/console/sign-in/enrol")).status == 403, "only an administrator takes it away"


async def test_a_session_of_staff_ends_after_an_hour_unused_and_after_twelve_whatever_happens(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        network.clock.tick(minutes=59)
        assert await inside(visitor)
        network.clock.tick(minutes=61)
        assert not await inside(visitor)
        await visitor.sign_in("operator")
        for _ in range(14):
            network.clock.tick(minutes=50)
            assert await inside(visitor)
        network.clock.tick(minutes=50)
        assert not await inside(visitor)


async def test_a_token_that_somebody_chose_for_the_browser_opens_nothing_afterwards(network):
    await add_person(network, Role.OPERATOR, "asha")
    chosen = "chosen-by-an-attacker"
    async with a_visitor(network) as victim, a_visitor(network) as attacker:
        for visitor in (victim, attacker):
            visitor.session.cookie_jar.update_cookies({"console": chosen}, URL(network.url))
        await victim.sign_in("asha")
        assert await inside(victim)
        assert token(victim) != chosen
        assert not await inside(attacker)


async def test_whoever_signs_in_where_another_was_ends_that_ones_session(network):
    await add_person(network, Role.OPERATOR, "asha")
    async with signed_in(network, Role.OPERATOR, login="ravi") as visitor, a_visitor(network) as other:
        left = token(visitor)
        await visitor.sign_in("asha")
        other.session.cookie_jar.update_cookies({"console": left}, URL(network.url))
        assert not await inside(other)


async def test_a_worker_who_is_suspended_is_out_at_once_and_is_sent_no_code(network, capsys):
    phone = await a_workers_phone(network)
    worker = await worker_of(network, phone)
    async with a_visitor(network) as visitor:
        page = await asked(visitor, phone)
        assert (await visitor.send(page, "sign-in/code", code=sent(capsys))).status == 200
        jar = next(one for one in visitor.session.cookie_jar if one.key == "console")
        assert int(jar["max-age"]) == 30 * 24 * 3600, "a telephone closes its browser at any moment"
        status, _ = await network.call("POST", f"/workers/{worker.id}/events", {"event": "suspend", "reason": "x"})
        assert status == 200
        assert not await inside(visitor)
        network.clock.tick(minutes=20)
        await asked(visitor, phone)
    assert "text message" not in capsys.readouterr().out


async def test_whoever_has_the_old_telephone_of_a_worker_is_out_once_another_is_noted(network, capsys):
    phone = await a_workers_phone(network)
    worker = await worker_of(network, phone)
    async with a_visitor(network) as thief, a_visitor(network) as other:
        await thief.send(await asked(thief, phone), "sign-in/code", code=sent(capsys))
        assert await inside(thief)
        assert (await network.call("PATCH", f"/workers/{worker.id}", {"phone": "9123456780"}))[0] == 200
        assert not await inside(thief)
        await other.send(await asked(other, "9123456780"), "sign-in/code", code=sent(capsys))
        assert "Another telephone number" in (await other.get(ACCOUNT)).words


async def test_what_no_database_takes_is_refused_and_breaks_nothing(network):
    await add_person(network, Role.ADMIN, "chief")
    async with a_visitor(network) as visitor:
        assert (await visitor.sign_in("as\0ha", "x")).status == 400
        await visitor.sign_in("chief")
        for path in ("/console/people/%00", "/console/people?text=%00", "/console/orders/a%00b"):
            assert (await visitor.get(path)).status == 400
        assert (await visitor.get("/console/people/person:chief/disable")).status == 405
        assert (await visitor.get("/console/nothing/here")).status == 404


async def test_signing_out_forgets_what_the_browser_kept(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        where, fields = (await visitor.get(ACCOUNT)).form("sign-out")
        async with visitor.session.post(
            URL(f"{visitor.base}{where}", encoded=True), data=fields, allow_redirects=False
        ) as answer:
            assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


# Outside the sandbox


async def test_outside_the_sandbox_cookies_are_held_to_our_host_and_to_tls(outside):
    async with outside.session.get(f"{base(outside)}{DOOR}") as answer:
        cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Host-console"]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert cookie["domain"] == ""


async def test_people_of_the_sandbox_are_nobody_anywhere_else_even_with_a_session(outside):
    await add_sandbox_people(outside.context.storage, PASSWORD, outside.clock())
    admin = await known(outside, "admin")
    assert admin.id.startswith(SANDBOX_MARK)
    assert await password_page(outside, "admin") == 422
    session = new_session("kept", admin, Step.OPEN, outside.clock())
    await outside.context.storage.run(lambda work: work.people.open_session(session))
    assert await with_token(outside, "kept", ACCOUNT) == 303
    real = replace(admin, id="person:real", login="real")
    await outside.context.storage.run(lambda work: work.people.add(real))
    await outside.context.storage.run(
        lambda work: work.people.open_session(new_session("real", real, Step.OPEN, outside.clock()))
    )
    assert await with_token(outside, "real", ACCOUNT) == 200
    assert token_digest("real") != "real"


@pytest.fixture
async def outside(tmp_path, clock):
    """A server outside the sandbox."""
    signing, encryption = generate_signing_key(), generate_encryption_key()
    values = {
        name: f"some-{name}" for name in OUTSIDE_SANDBOX if name not in {"database_url", "registry", "subscriber_uri"}
    }
    values |= {
        "env": "preprod",
        "subscriber_uri": "https://bpp.example.in",
        "signing_key": encode_private_key(signing),
        "encryption_key": encode_private_key(encryption),
        "data_key": base64.b64encode(bytes(range(32))).decode(),
        "registry_encryption_keys": encode_public_key(encryption),
    }
    async with running_network(
        seeded_sqlite(tmp_path), tmp_path, clock, **{f"BPP_{name.upper()}": value for name, value in values.items()}
    ) as running:
        yield running


async def password_page(network, login):
    """The status of signing in with a login and the password of everybody, the cookie carried by hand."""
    async with network.session.get(f"{base(network)}{DOOR}") as answer:
        kept = SimpleCookie(answer.headers["Set-Cookie"])["__Host-console"].value
        csrf = csrf_in(await answer.text())
    async with network.session.post(
        f"{base(network)}{DOOR}",
        data={"csrf": csrf, "login": login, "password": PASSWORD},
        headers={"Cookie": f"__Host-console={kept}"},
        allow_redirects=False,
    ) as answer:
        return answer.status


def base(network):
    """Where it listens, whatever the network calls it."""
    return f"http://127.0.0.1:{network.settings.port}"


async def with_token(network, kept, path):
    headers = {"Cookie": f"__Host-console={kept}"}
    async with network.session.get(f"{base(network)}{path}", headers=headers, allow_redirects=False) as answer:
        return answer.status


@asynccontextmanager
async def a_gateway(handler):
    """A gateway for texts, which answers as it is told."""
    app = web.Application()
    app.router.add_post("/send", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("/send"))


async def moved(visitor, path, fields):
    """Where a form leads, its redirection not followed."""
    async with visitor.session.post(
        URL(f"{visitor.base}{path}", encoded=True), data=fields, allow_redirects=False
    ) as answer:
        assert answer.status == 303, answer.status
        return answer.headers["Location"]


async def fresh(visitor):
    """What the forms of this browser carry now."""
    return csrf_in((await visitor.get(DOOR)).text)


def csrf_in(text):
    return re.findall(r'name="csrf" value="([^"]+)"', text)[0]


async def asked(visitor, phone):
    return await visitor.send(await visitor.get(DOOR), "phone", phone=phone)


def sent(capsys):
    return capsys.readouterr().out.split(": ")[2].split()[0]


def wrong_code(secret, network):
    return f"{(int(code(secret, network)) + 7) % 10**6:06}"


async def changed(visitor, page, present):
    return await visitor.send(page, "password", present=present, password=OTHER, again=OTHER)


async def inside(visitor):
    return (await visitor.get(ACCOUNT)).url.path == ACCOUNT


async def known(network, login):
    return await network.context.storage.read(lambda work: work.people.by_login(login))


async def worker_of(network, phone):
    world = await network.context.storage.read(network.context.worlds.current)
    return next(one for one in world.catalog.workers.values() if one.phone == phone)
