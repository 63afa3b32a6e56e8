"""Signing in to the console: who gets in, who does not, and what a browser is known by."""

from __future__ import annotations

import pytest

from bpp.console.doorway import AT_ONCE
from bpp.people import second_factor
from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.console import PASSWORD, a_visitor, a_window, add_person, signed_in

STAFF_FIRST_PAGE = "/console/desk"


async def test_somebody_with_the_right_password_gets_in(network):
    await add_person(network, Role.OPERATOR, "asha")

    async with a_visitor(network) as visitor:
        page = await visitor.sign_in("asha")

    assert page.status == 200
    assert "A test operator" in page.words


@pytest.mark.parametrize(("login", "password"), [("asha", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_whoever_is_wrong_is_told_the_same_and_stays_outside(network, login, password):
    await add_person(network, Role.OPERATOR, "asha")

    async with a_visitor(network) as visitor:
        refused = await visitor.sign_in(login, password)
        beyond = await visitor.get("/console/account")

    assert refused.status == 422
    assert "This did not fit" in refused.words
    assert beyond.url.path == "/console/sign-in"


async def test_after_five_wrong_passwords_the_right_one_is_refused_for_a_quarter_of_an_hour(network):
    await add_person(network, Role.OPERATOR, "asha")

    async with a_visitor(network) as visitor:
        for _ in range(5):
            await visitor.sign_in("asha", "wrong")
        locked = await visitor.sign_in("asha")
        network.clock.tick(minutes=15)
        later = await visitor.sign_in("asha")

    assert (locked.status, later.status) == (422, 200)


async def test_whoever_signs_in_has_another_cookie_than_before(network):
    await add_person(network, Role.OPERATOR, "asha")

    async with a_visitor(network) as visitor:
        await visitor.get("/console/sign-in")
        before = token(visitor)
        await visitor.sign_in("asha")
        after = token(visitor)

    assert before
    assert after
    assert before != after


async def test_whoever_signs_out_is_outside_also_with_the_old_cookie(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        kept = token(visitor)
        await visitor.send(await visitor.get("/console/account"), "sign-out")

        assert (await visitor.get("/console/account")).url.path == "/console/sign-in"
        visitor.session.cookie_jar.update_cookies({"console": kept})
        assert (await visitor.get("/console/account")).url.path == "/console/sign-in"
        await visitor.sign_in("operator")
        assert "Signed out" in (await visitor.get("/console/account")).words, "it is on record"


async def test_a_form_without_our_token_does_nothing(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        forged = await visitor.post("/console/sign-out", {"csrf": "guessed"})

        assert forged.status == 403
        where, fields = forged.form("language")
        assert (await visitor.post(where, {**fields, "language": "hi"})).status == 200, "not what only forms go to"
        assert (await visitor.get("/console/account")).status == 200


async def test_a_form_from_another_site_does_nothing(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        where, fields = (await visitor.get("/console/account")).form("sign-out")
        forged = await visitor.post(where, fields, Origin="https://evil.example")

        assert forged.status == 403
        assert (await visitor.get("/console/account")).status == 200


async def test_staff_who_must_have_a_second_factor_set_it_up_and_are_asked_for_it(network_with_totp):
    network = network_with_totp
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as visitor:
        page = await visitor.sign_in("asha")
        assert page.url.path == "/console/sign-in/enrol"
        assert (await visitor.get("/console/account")).url.path == "/console/sign-in/enrol"
        _, fields = page.form("enrol")
        secret = bytes.fromhex(fields["secret"])
        inside = await visitor.send(page, "enrol", code=code(secret, network))
        assert inside.url.path == STAFF_FIRST_PAGE

    network.clock.tick(minutes=1)
    async with a_visitor(network) as visitor:
        asked = await visitor.sign_in("asha")
        assert asked.url.path == "/console/sign-in/totp"
        wrong = await visitor.send(asked, "totp", code="000000")
        assert wrong.status == 422
        right = code(secret, network)
        assert (await visitor.send(asked, "totp", code=right)).url.path == STAFF_FIRST_PAGE

    async with a_visitor(network) as visitor:
        asked = await visitor.sign_in("asha")
        assert (await visitor.send(asked, "totp", code=right)).status == 422, "a code is taken once"


async def test_a_password_that_was_given_is_changed_first(network):
    await add_person(network, Role.PROVIDER, "firm", given=True)

    async with a_visitor(network) as visitor:
        page = await visitor.sign_in("firm")
        assert page.url.path == "/console/sign-in/password"
        new = "a much better one"
        changed = await visitor.send(page, "password", present=PASSWORD, password=new, again=new)
        assert changed.status == 200
        assert "/sign-in" not in changed.url.path
    async with a_visitor(network) as visitor:
        assert (await visitor.sign_in("firm")).status == 422
        assert (await visitor.sign_in("firm", new)).status == 200


async def test_a_worker_signs_in_by_a_code_that_is_sent_to_the_telephone(network, capsys):
    phone = await a_workers_phone(network)
    async with a_visitor(network) as visitor:
        sent = await visitor.send(await visitor.get("/console/sign-in"), "phone", phone=phone)
        code = capsys.readouterr().out.split(": ")[2].split()[0]
        wrong = await visitor.send(sent, "sign-in/code", code="000000" if code != "000000" else "000001")
        page = await visitor.send(sent, "sign-in/code", code=code)

        assert wrong.status == 422
        assert page.status == 200
        assert "/sign-in" not in page.url.path


async def test_a_code_is_read_as_it_is_typed_in_groups_and_in_devanagari(network_with_totp, capsys):
    network = network_with_totp
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as visitor:
        sent = await visitor.send(await visitor.get("/console/sign-in"), "phone", phone=await a_workers_phone(network))
        right = capsys.readouterr().out.split(": ")[2].split()[0]
        assert "/sign-in" not in (await visitor.send(sent, "sign-in/code", code=as_typed(right))).url.path
    async with a_visitor(network) as visitor:
        page = await visitor.sign_in("asha")
        secret = bytes.fromhex(page.form("enrol")[1]["secret"])
        inside = await visitor.send(page, "enrol", code=as_typed(code(secret, network)))
        assert inside.url.path == STAFF_FIRST_PAGE


async def test_another_language_while_the_code_is_awaited_loses_neither_the_code_nor_what_was_asked_for(
    network, capsys
):
    phone = await a_workers_phone(network)
    async with a_visitor(network) as visitor:
        sent = await visitor.send(await visitor.get("/console/account"), "phone", phone=phone)
        right = capsys.readouterr().out.split(": ")[2].split()[0]
        where, fields = sent.form("language")
        shown = await visitor.post(where, {**fields, "language": "hi"})
        assert (shown.status, shown.url.path) == (200, "/console/sign-in/code")
        assert '<html lang="hi">' in shown.text
        assert phone not in str(shown.url)
        assert "/console/sign-in?next=" in shown.text, "another number leads on to the same"
        inside = await visitor.send(shown, "sign-in/code", phone=phone, code=right)

    assert inside.url.path == "/console/account"


async def test_after_a_refusal_the_login_stays_and_another_language_shows_the_door(network):
    async with a_visitor(network) as visitor:
        refused = await visitor.sign_in("Asha", "wrong")
        assert refused.form("/console/sign-in")[1]["login"] == "asha"
        assert refused.form("/console/sign-in")[1]["password"] == ""
        for _ in range(AT_ONCE):
            await visitor.send(refused, "phone", phone="9000000000")
        too_many = await visitor.send(refused, "phone", phone="9000000000")
        where, fields = too_many.form("language")
        shown = await visitor.post(where, {**fields, "language": "hi"})

    assert too_many.status == 429
    assert (shown.status, shown.url.path) == (200, "/console/sign-in")


async def test_a_number_that_is_nobodys_is_answered_as_any_other_and_sent_nothing(network, capsys):
    async with a_visitor(network) as visitor:
        answers = [
            await visitor.send(await visitor.get("/console/sign-in"), "phone", phone=phone)
            for phone in ("9000000000", await a_workers_phone(network))
        ]

    assert len({(one.status, one.words) for one in answers}) == 1
    assert capsys.readouterr().out.count("text message") == 1


async def test_a_language_is_remembered_with_the_person(network):
    await add_person(network, Role.OPERATOR, "asha")
    async with a_visitor(network) as visitor:
        page = await visitor.sign_in("asha")
        where, fields = page.form("language")
        await visitor.post(where, {**fields, "language": "hi"})
    async with a_visitor(network) as visitor:
        await visitor.sign_in("asha")

        assert '<html lang="hi">' in (await visitor.get("/console/account")).text


async def test_a_browser_signs_in_and_complains_of_nothing(network, browser):
    await add_person(network, Role.OPERATOR, "asha")
    async with a_window(browser, network) as window:
        await window.sign_in("asha")
        await window.open("/console/account")

        assert await window.page.locator("h1").inner_text() == "My account"
        assert await window.barriers() == []
        assert window.complaints == []


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
async def test_the_door_has_no_barriers_and_nobody_scrolls_sideways(network, browser, language, size):
    async with a_window(browser, network, language, size) as window:
        await window.open("/console/sign-in")

        assert (await window.barriers(), await window.overflow()) == ([], 0)
        assert await window.page.locator("html").get_attribute("lang") == language


def as_typed(figures):
    """Six figures in two groups, by a Hindi keyboard."""
    return f"{figures[:3]} {figures[3:]}".translate({48 + number: 0x966 + number for number in range(10)})


def token(visitor):
    return next((one.value for one in visitor.session.cookie_jar if one.key == "console"), "")


def code(secret, network):
    return second_factor.code_at(secret, int(network.clock().timestamp()) // second_factor.STEP)


async def a_workers_phone(network):
    world = await network.context.storage.read(network.context.worlds.current)
    return min(world.catalog.workers.values(), key=lambda one: one.id).phone


async def test_another_language_after_a_refused_form_shows_the_page_of_the_form(network):
    async with signed_in(network, Role.ADMIN) as visitor:
        new = await visitor.get("/console/people/new")
        refused = await visitor.send(new, "people/new", login="!", name="Somebody", role="operator")
        assert refused.status == 422
        where, fields = refused.form("language")
        shown = await visitor.post(where, {**fields, "language": "hi"})

    assert (shown.status, shown.url.path) == (200, "/console/people/new")
    assert '<html lang="hi">' in shown.text
