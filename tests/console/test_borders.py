"""Every page and deed of the tables, whoever adds one: for whom it is, what is another's, and where a form came from."""

from __future__ import annotations

import re

import pytest

from bpp.console.app import DEEDS, MENU, PAGES
from bpp.console.browser import PAGE_POLICY
from bpp.console.menu import home
from bpp.console.page import Page
from bpp.console.reach import NAMED
from bpp.people.model import Role
from tests.support.console import a_visitor
from tests.support.console_borders import CASES, FREE, bounded, csrf, everybody, posted, sides, walk
from tests.support.console_roles import document
from tests.support.sources import ROOT

FORBIDDEN, NOT_FOUND, SERVERS = 403, 404, 500
LIKE_NAMES = re.compile(r"(provider|worker|offering|district|person|ref)s?(_ids?)?")
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


def test_the_table_of_roles_is_written_down():
    assert document() == (ROOT / "docs/console-roles.md").read_text(encoding="utf-8")


def test_every_role_has_a_home_and_its_menu_leads_only_where_it_may_go():
    pages = {one.name: one for one in PAGES}

    assert [role for role in Role if role not in pages[home(MENU, role).page].roles | {Role.ADMIN}] == []
    assert [
        (one.page, role) for one in MENU for role in one.roles if role not in pages[one.page].roles | {Role.ADMIN}
    ] == []


def test_whoever_may_do_something_may_see_the_page_on_which_it_is_done():
    pages = {one.name: one for one in PAGES}

    assert [one.name for one in DEEDS if not one.roles <= pages[one.page].roles] == []


def test_every_name_of_a_page_and_every_path_is_there_once():
    names = [case.name for case in CASES]
    paths = [(type(case.one), case.one.path) for case in CASES]

    assert [one for one in names if names.count(one) > 1] == []
    assert [one for one in paths if paths.count(one) > 1] == []


def test_every_part_of_a_path_that_bounded_people_may_ask_for_is_looked_up_or_said_why_not():
    parts = {part: case.name for case in CASES if bounded(case) for part in case.parts}

    assert {part: name for part, name in parts.items() if part not in NAMED and part not in FREE} == {}


def test_every_field_of_a_query_or_form_of_theirs_that_names_somebody_is_looked_up():
    fields = {
        (case.name, field)
        for case in CASES
        if bounded(case)
        for field in (case.one.query if isinstance(case.one, Page) else case.one.form).model_fields
        if LIKE_NAMES.fullmatch(field) and field not in NAMED
    }

    assert fields == set()


async def test_every_page_and_deed_is_for_its_roles_alone(network):
    own, _ = await sides(network)
    wrong, broken = [], []
    async with everybody(network, own) as people, a_visitor(network) as stranger:
        for role, visitor in people.items():
            token = await csrf(visitor)
            for case in CASES:
                path = case.path(own.values)
                if isinstance(case.one, Page):
                    answer = await visitor.get(path)
                else:  # a field that no form has: let in, and nothing done
                    answer = await visitor.post(path, {"csrf": token, "no such field": "1"})
                if (answer.status == FORBIDDEN) != (role not in case.roles):
                    wrong.append((case.name, role, answer.status))
                if answer.status >= SERVERS:
                    broken.append((case.name, role, answer.status))
        token = (await stranger.get("/console/sign-in")).form("sign-in")[1]["csrf"]
        outside = []
        for case in CASES:
            path = case.path(own.values)
            answer = await (stranger.get(path) if isinstance(case.one, Page) else stranger.post(path, {"csrf": token}))
            if answer.url.path != "/console/sign-in":
                outside.append((case.name, answer.status, answer.url.path))

    assert wrong == []
    assert broken == []
    assert outside == [], "whoever has not signed in is sent to the door"


async def test_what_is_anothers_is_answered_as_what_is_not_there(network):
    own, foreign = await sides(network)
    nowhere = dict.fromkeys(own.values, "nobodys")
    seen, tried = [], 0
    async with everybody(network, foreign) as people:
        for case in CASES:
            named = [part for part in case.parts if part in NAMED]
            for role in bounded(case):
                visitor, token = people[role], await csrf(people[role])

                async def answered(path, visitor=visitor, token=token, case=case, **fields):
                    if isinstance(case.one, Page):
                        query = "&".join(f"{name}={value}" for name, value in fields.items())
                        return await visitor.get(f"{path}?{query}" if query else path)
                    return await visitor.post(path, {"csrf": token, **fields})

                if named:
                    theirs, none = await answered(case.path(own.values)), await answered(case.path(nowhere))
                    tried += 1
                    if theirs.status != NOT_FOUND or theirs.words != none.words:
                        seen.append((case.name, role, f"in the path, {none.status} for what is not", theirs.status))
                for field in case.fields:
                    # The path is one's own, the field names another's.
                    theirs = await answered(case.path(foreign.values), **{field: own.values[field]})
                    tried += 1
                    if theirs.status != NOT_FOUND:
                        seen.append((case.name, role, field, theirs.status))

    assert seen == []
    assert tried >= 2, "the order's page at least"


async def test_no_query_breaks_a_page_however_extreme_its_days_and_numbers_are(network):
    own, _ = await sides(network)
    broken, tried = [], 0
    async with everybody(network, own) as people:
        for case in CASES:
            fields = case.one.query.model_fields if isinstance(case.one, Page) else {}
            role = min(case.one.roles, default=Role.ADMIN)
            for name, field in fields.items():
                if not re.search(r"\b(date|int|Day|month|period)\b", f"{field.annotation} {name}"):
                    continue
                for extreme in ("0001-01-01", "9999-12-31", "2026-13", "9999-12", "9" * 30, "-1", "x"):
                    path = f"{case.path(own.values)}?{field.alias or name}={extreme}"
                    tried += 1
                    if (await people[role].get(path)).status >= SERVERS:
                        broken.append(path)

    assert broken == []
    assert tried > 50


async def test_no_form_is_taken_from_elsewhere(network):
    own, _ = await sides(network)
    taken = []
    async with everybody(network, own) as people, a_visitor(network) as stranger:
        visitor = people[Role.ADMIN]
        token = await csrf(visitor)
        other = await csrf(people[Role.OPERATOR])
        guest = (await stranger.get("/console/sign-in")).form("sign-in")[1]["csrf"]
        for path in {*posted(), *(case.path(own.values) for case in CASES if not isinstance(case.one, Page))}:
            for what, fields, headers in (
                ("no token", {}, {}),
                ("an empty token", {"csrf": ""}, {}),
                ("another's token", {"csrf": other}, {}),
                ("a stranger's token", {"csrf": guest}, {}),
                ("another site", {"csrf": token}, {"Origin": "https://evil.example"}),
                ("a site that hides", {"csrf": token}, {"Origin": "null"}),
                ("what is no site", {"csrf": token}, {"Origin": "https://[evil"}),
                ("cross-site", {"csrf": token}, {"Sec-Fetch-Site": "cross-site"}),
                ("same-site", {"csrf": token}, {"Sec-Fetch-Site": "same-site"}),
            ):
                answer = await visitor.post(path, fields, **headers)
                if answer.status != FORBIDDEN:
                    taken.append((path, what, answer.status))

    assert taken == []


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_every_page_that_is_reached_is_whole_and_neither_kept_nor_framed_nor_run_in(network, language):
    own, _ = await sides(network)
    await network.completed()
    broken, bare, inline = [], [], []
    async with everybody(network, own) as people:
        for role, visitor in people.items():
            visitor.language = language
            found = await walk(visitor, own, role)
            for path, page in found.pages.items():
                if page.status >= SERVERS or page.status == FORBIDDEN:
                    broken.append((role, path, page.status))
                bare += [(path, name) for name, value in HEADERS.items() if page.headers.get(name) != value]
                if re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|<style|javascript:", page.text):
                    inline.append(path)

    assert broken == []
    assert bare == []
    assert inline == [], "nothing in a page is run or styled"
