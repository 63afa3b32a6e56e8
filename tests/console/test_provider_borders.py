"""Whose a provider's pages are: nobody else's; and what others wrote stays a text, on the page and in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest

from bpp.console.page import Deed, Page
from bpp.console.provider.pages import DEEDS, PAGES
from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from bpp.people.model import Role
from catalog.money import Money
from tests.support.callers import booked, done
from tests.support.console import signed_in
from tests.support.provider_pages import HOME, OTHER, OWN, SHEET, WORKER, changed, told, waiting

EVERY: tuple[Page | Deed, ...] = (*PAGES, *DEEDS)
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(1)"


def filled(path, **known):
    """A path with its parts: those of the provider that the pages are about, where nothing else is said."""
    values = {
        "provider": OWN,
        "worker": WORKER,
        "offering": "GOMTI-TAP",
        "place": "162",
        "area": "L1~SRV11-*~10",
        "sheet": "0" * 32,
        **known,
    }
    return "/console" + re.sub(r"\{(\w+)\}", lambda part: values[part[1]], path)


async def stand(network):
    """The catalog of the provider and its orders, to be compared."""
    paths = (f"/providers/{OWN}", f"/workers/{WORKER}", "/offerings/GOMTI-TAP", "/orders")
    return [await told(network, path) for path in paths]


async def test_a_provider_sees_nothing_of_another_and_changes_nothing_of_it(network):
    order = await waiting(network)
    before = await stand(network)
    async with signed_in(network, Role.PROVIDER, provider_id=OTHER) as visitor:
        csrf = (await visitor.get("/console/account")).form("sign-out")[1]["csrf"]

        for page in PAGES:
            answer = await visitor.get(filled(page.path, ref=order["ref"]))
            assert (answer.status, "Gomti" in answer.words) == (404, False), page.name
        for deed in DEEDS:
            answer = await visitor.post(filled(deed.path, ref=order["ref"]), {"csrf": csrf})
            assert answer.status == beyond(deed), deed.name
        assert order["order_id"] not in (await visitor.get(f"/console/provider/{OTHER}/orders")).words

    assert await stand(network) == before


async def test_under_the_own_name_nobody_elses_orders_workers_and_offerings_are_reached(network):
    order = await waiting(network)
    before = await stand(network)
    async with signed_in(network, Role.PROVIDER, provider_id=OTHER) as visitor:
        csrf = (await visitor.get("/console/account")).form("sign-out")[1]["csrf"]
        for one in EVERY:
            if re.search(r"\{(ref|worker|offering|sheet)\}", one.path):
                path = filled(one.path, provider=OTHER, ref=order["ref"])
                answer = await (visitor.get(path) if one in PAGES else visitor.post(path, {"csrf": csrf}))
                assert answer.status == beyond(one), one.name
        board = await visitor.get(f"/console/provider/{OTHER}/orders?worker={WORKER}")
        assert board.status == 404

    assert await stand(network) == before


async def test_a_list_that_one_provider_sent_is_no_other_ones_to_take(network):
    async with signed_in(network, Role.PROVIDER, login="one", provider_id=OWN) as visitor:
        rates = await visitor.get(f"{HOME}/rates")
        sheet = (await visitor.send(rates, "rate-list", sheet=("r.csv", SHEET.encode()))).url.path.rpartition("/")[2]
    async with signed_in(network, Role.PROVIDER, login="other", provider_id=OTHER) as visitor:
        csrf = (await visitor.get("/console/account")).form("sign-out")[1]["csrf"]
        path = f"/console/provider/{OTHER}/rate-list/{sheet}"

        assert (await visitor.get(path)).status == 404
        assert (await visitor.post(f"{path}/take", {"csrf": csrf})).status == 404


async def test_staff_look_after_providers_as_their_roles_say_and_others_not_at_all(network):
    order = await waiting(network)
    known = {"ref": order["ref"]}
    for role in (Role.ENGINEER, Role.ACCOUNTANT, Role.OPERATOR, Role.OFFICER):
        async with signed_in(network, role) as visitor:
            csrf = (await visitor.get("/console/account")).form("sign-out")[1]["csrf"]
            for one in EVERY:
                if role in one.roles and one in PAGES:
                    status = (await visitor.get(filled(one.path, **known))).status
                    assert status == (404 if "{sheet}" in one.path else 200), one.name
                elif role not in one.roles:
                    path = filled(one.path, **known)
                    answer = await (visitor.get(path) if one in PAGES else visitor.post(path, {"csrf": csrf}))
                    assert answer.status == 403, one.name

    async with signed_in(network, Role.OFFICER, login="far", district="151") as visitor:
        assert {(await visitor.get(filled(one.path, **known))).status for one in PAGES} == {403, 404}


async def test_an_officer_of_one_district_sees_the_orders_and_workers_of_that_district(network):
    order = await booked(network.call)
    await changed(network, "/workers/W-GOMTI-2", districts=["162"])
    for district, shown in (("162", True), ("129", False)):
        async with signed_in(network, Role.OFFICER, login=f"of-{district}", district=district) as visitor:
            assert (order["order_id"] in (await visitor.get(f"{HOME}/orders")).words) is shown
            listed = (await visitor.get(f"{HOME}/workers")).words
            assert ("W-GOMTI-2" in listed) is shown
            assert "Bharat" not in listed, "in a list names are shown in part"


@pytest.mark.parametrize("evil", [SCRIPT, FORMULA])
async def test_what_stands_in_a_sheet_is_shown_as_text_and_neither_stored_nor_run(network, evil):
    sheet = f'Service,Sub-service,Name,Rate,Time,{evil}\nPlumber,Tap & Mixer Repair,"{evil}",199,45 min,x\n{evil},{evil},"{evil}",1,1 min,x\n'
    async with signed_in(network, Role.PROVIDER, provider_id=OWN) as visitor:
        preview = await visitor.send(await visitor.get(f"{HOME}/rates"), "rate-list", sheet=("r.csv", sheet.encode()))

    assert "Not taken" in preview.words
    assert SCRIPT not in preview.text
    assert ("&lt;script&gt;" in preview.text) is (evil is SCRIPT)
    if evil is FORMULA:
        assert "a text may not begin as a formula does" in preview.words


async def test_what_customers_and_the_network_say_is_shown_as_text(network):
    order = await done(network.call, await booked(network.call))
    review = {"rater": "phone", "provider": 5, "feedback": SCRIPT}
    assert (await network.call("POST", f"/orders/{order['ref']}/rating", review))[0] == 200
    await network.context.storage.run(lambda work: work.ledger.post(a_posting(network, SCRIPT)))
    await changed(network, f"/workers/{WORKER}", name="Asha & Co's")

    async with signed_in(network, Role.PROVIDER, provider_id=OWN) as visitor:
        for path in ("orders", "money", "ratings", f"workers/{WORKER}"):
            page = await visitor.get(f"{HOME}/{path}")
            assert page.status == 200
            assert SCRIPT not in page.text
        assert "&lt;script&gt;alert(1)" in (await visitor.get(f"{HOME}/ratings")).text
        assert "&lt;script&gt;alert(1)" in (await visitor.get(f"{HOME}/money")).text


async def test_no_spreadsheet_takes_a_note_or_a_name_for_a_formula(network):
    await network.context.storage.run(lambda work: work.ledger.post(a_posting(network, FORMULA)))
    await changed(network, "/offerings/GOMTI-TAP", short_desc=FORMULA)
    async with signed_in(network, Role.PROVIDER, provider_id=OWN) as visitor:
        statement = (await visitor.get(f"{HOME}/money/file?format=csv")).text
        book = openpyxl.load_workbook(io.BytesIO(await raw(visitor, f"{HOME}/money/file?format=xlsx"))).active
        rates = (await visitor.get(f"{HOME}/rate-list/file?format=csv")).text

    cells = [cell for text in (statement, rates) for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not any(cell.startswith("=") for cell in cells)
    assert {cell.data_type for row in book.iter_rows() for cell in row if cell.value == FORMULA} == {"s"}


def beyond(one):
    """What a provider is answered about another: there is no such thing; or that its role may not do that at all."""
    return 404 if Role.PROVIDER in one.roles else 403


def a_posting(network, memo):
    lines = (
        Line(Account(Party.PROVIDER, OWN, Purpose.WALLET), Money(-5000)),
        Line(Account(Party.SAMITI, "", Purpose.BANK), Money(5000)),
    )
    return Posting(id="P-1", at=network.clock(), ref="", part="receipt:1", memo=memo, lines=lines)


async def raw(visitor, path):
    async with visitor.session.get(f"{visitor.base}{path}") as answer:
        return await answer.read()
