"""`bpp people`: who signs in to the console, on the database of the settings, and so the first administrator."""

from __future__ import annotations

import asyncio
import re

import pytest

from bpp.cli.config import MASK
from bpp.people.passwords import is_right
from bpp.storage.engine import open_storage
from bpp.storage.ports_people import EventFilter


def added(bpp, login="asha", role="admin", *more):
    return bpp("people", "add", login, "--role", role, "--name", "Asha Verma", *more, "--json")


def stored(url, login):
    """Somebody as the database has it, and what happened to him or her, newest first."""

    async def look(work):
        person = await work.people.by_login(login)
        return person, [one for _, one in await work.people.events(EventFilter(person_id=person.id))]

    async def read():
        storage = open_storage(url)
        try:
            return await storage.read(look)
        finally:
            await storage.close()

    return asyncio.run(read())


def test_the_first_administrator_of_an_empty_database_is_made_and_told_a_password_once(bpp, sqlite_url):
    said = added(bpp)
    listed = bpp("people", "list")
    person, events = stored(sqlite_url, "asha")

    assert said.status == 0
    assert is_right(said.json["password"], person.password)
    assert person.given, "it must be changed at the first sign-in"
    assert said.json["password"] not in listed.out
    assert re.search(r"asha +Asha Verma +admin", listed.out)
    assert [(one.event, one.by.partition(":")[0], one.detail) for one in events] == [("added", "bpp", "admin")]


def test_each_deed_says_how_the_person_stands_then(bpp, sqlite_url):
    first = added(bpp, "asha", "operator").json["password"]
    again = bpp("people", "password", "asha", "--json").json["password"]
    states = [bpp("people", deed, "asha", "--json").json["state"] for deed in ("disable", "enable", "unlock")]
    factor = bpp("people", "reset-totp", "asha", "--json").json["second_factor"]
    person, events = stored(sqlite_url, "asha")

    assert states == ["disabled", "active", "active"]
    assert factor is False
    assert first != again
    assert is_right(again, person.password)
    assert [one.event for one in reversed(events)] == [
        *("added", "password_given", "disabled", "enabled", "unlocked", "second_factor_taken")
    ]
    assert bpp("people", "disable", "ASHA").out == "asha is disabled and signed out\n"


def test_people_are_listed_by_role_and_name_and_page_by_page(bpp):
    for login, role in (("asha", "admin"), ("ravi", "operator"), ("sita", "operator")):
        added(bpp, login, role)

    first = bpp("people", "list", "--role", "operator", "--limit", "1", "--json").json
    rest = bpp("people", "list", "--role", "operator", "--after", first["next"], "--json").json

    assert [one["login"] for one in (*first["items"], *rest["items"])] == ["ravi", "sita"]
    assert rest["next"] is None
    assert [one["login"] for one in bpp("people", "list", "--text", "SIT", "--json").json["items"]] == ["sita"]
    assert bpp("people", "list", "--role", "officer").out == "nobody\n"
    assert bpp("people", "list", "--limit", "1").out.endswith("more: --after asha\n")


def test_a_providers_people_and_an_officer_are_added_with_what_they_see(bpp):
    assert bpp("seed").status == 0
    owner = added(bpp, "owner", "provider", "--provider", "P-GOMTI").json
    officer = added(bpp, "officer", "officer", "--district", "162").json

    assert (owner["provider_id"], officer["district"]) == ("P-GOMTI", "162")


@pytest.mark.parametrize(
    ("login", "role", "more", "code"),
    [
        ("asha", "operator", (), "login_taken"),
        ("a b", "operator", (), "login_form"),
        ("owner", "provider", (), "unknown_provider"),
        ("owner", "provider", ("--provider", "P-NOBODY"), "unknown_provider"),
        ("officer", "officer", ("--district", "9999"), "unknown_district"),
    ],
)
def test_whoever_cannot_be_added_is_refused_with_the_reason(bpp, login, role, more, code):
    added(bpp)
    said = added(bpp, login, role, *more)

    assert said.status == 1
    assert said.json["problem"] == code
    assert said.err


@pytest.mark.parametrize("line", [("add", "asha", "--role", "worker", "--name", "x"), ("list", "--role", "king")])
def test_a_role_that_is_none_is_misuse(bpp, line):
    said = bpp("people", *line)

    assert said.status == 2
    assert "is expected" in said.err


@pytest.mark.parametrize("deed", ["password", "unlock", "disable", "enable", "reset-totp"])
def test_nobody_is_said_to_be_nobody(bpp, deed):
    said = bpp("people", deed, "nobody", "--json")

    assert said.status == 1
    assert said.json == {"problem": "unknown_person", "field": ""}


def test_the_last_administrator_is_not_disabled(bpp):
    added(bpp)
    refused = bpp("people", "disable", "asha", "--json")
    added(bpp, "ravi")

    assert (refused.status, refused.json["problem"]) == (1, "last_administrator")
    assert bpp("people", "disable", "asha").status == 0


def test_the_secrets_of_the_text_gateway_are_not_shown_with_the_settings(bpp, environment):
    environment.setenv("BPP_SMS_TOKEN", "hush-one")
    environment.setenv("BPP_SMS_URL", "https://we:hush-two@sms.example/send")
    said = bpp("config")

    assert "hush" not in said.out
    assert f"BPP_SMS_TOKEN={MASK}" in said.out
    assert f"https://we:{MASK}@sms.example/send" in said.out
