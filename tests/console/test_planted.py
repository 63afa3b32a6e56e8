"""What others wrote, in imports, over the network and in forms, is text on every page and in every file: never markup,
never a formula."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import fields, replace
from typing import Any

import pytest
from openpyxl import load_workbook

from bpp.console.page import Page
from bpp.people.model import Role
from bpp.sandbox import journey, messages
from bpp.sandbox.messages import Customer
from tests.support.console import a_visitor, add_person
from tests.support.console_borders import CASES, csrf, everybody, sides, walk
from tests.support.network import otp_of
from tests.support.settlements_console import a_dispute
from tests.support.tickets_console import complained, step

MARK = "=1+1\"'><img src=x onerror=planted>{{7*7}}"
"""A formula, the ends of both kinds of attributes, an element that runs something, and what a template would work out."""
LIVE = re.compile(r"<img src=x|onerror=planted>|onerror=planted(?:>|&gt;)49", re.IGNORECASE)
APPLICATION: dict[str, Any] = {
    "kind": "firm",
    **dict.fromkeys(("name", "name_hi", "short_desc", "contact", "address", "city"), MARK),
    "phone": "9000000777",
    "email": "newcomer@example.in",
    "area_code": "226010",
    "gps": "26.864330,81.000650",
    "districts": ["Lucknow"],
    "services": ["SM-PLB"],
    "papers": [{"id": MARK, "type": MARK, "desc": MARK}],
}
PROJECT: dict[str, Any] = {
    "consumer": {"kind": "department", "organization": MARK, "name": MARK, "phone": "9876543210"},
    **dict.fromkeys(("title", "details", "place"), MARK),
    "service_id": "SM-ELC",
    "district": "162",
    "budget": "100000.00",
    "start": "2026-12-07",
    "finish_by": "2026-12-31",
    "bids_until": "2026-11-30T18:00:00+05:30",
}
TEXTS = frozenset({"name", "name_hi", "short_desc", "long_desc", "verification", "external_id", "title"})
"""Fields of a catalog that are anybody's words."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?[\d.,]*\d%?")


def planted(one: Any) -> Any:
    """A provider, an offering or a worker whose words are all the mark, ids and codes as they were."""
    return replace(
        one,
        **{
            each.name: f"{each.name} {MARK}" if each.name == "unit" else MARK
            for each in fields(one)
            if each.name in TEXTS
        },
    )


async def plant(network: Any) -> str:
    """Marks in the catalog, in an order over the network, its events and its review; the order's ref."""

    async def catalog(work):
        data = await work.directory.load()
        for one in data.providers:
            await work.directory.put_provider(planted(one))
        for one in data.workers:
            await work.directory.put_worker(planted(one))
        for one in data.offerings:
            await work.directory.put_offering(planted(one))
        await work.directory.changed()

    await network.context.storage.run(catalog)
    network.customer = Customer(name=MARK, phone="9800000000", email="a@example.in", address=MARK)
    chosen = await network.selected("tap repair")
    wanted = messages.init_message(chosen.order, network.customer, network.place)
    wanted["order"]["fulfillments"][0]["stops"][0]["instructions"] = {
        "name": MARK,
        "short_desc": MARK,
        "long_desc": MARK,
    }
    ready = (
        await journey.ask(
            network.buyer,
            "init",
            wanted,
            transaction_id=chosen.transaction_id,
            to=str(chosen.context["bpp_uri"]),
            context=journey.following(chosen),
        )
    ).callback
    confirmed = (await journey.confirm(network.buyer, ready, order_id=f"O-{MARK}")).callback
    _, listed = await network.call("GET", "/orders")
    ref: str = listed["items"][0]["ref"]
    await network.call("POST", f"/orders/{ref}/events", {"event": "depart"})
    await network.buyer.next_callback(confirmed.transaction_id)
    network.clock.tick(minutes=10)
    await network.call("POST", f"/orders/{ref}/events", {"event": "arrive"})
    arrived = await network.buyer.next_callback(confirmed.transaction_id)
    await network.call("POST", f"/orders/{ref}/events", {"event": "start", "otp": otp_of(arrived)})
    await network.buyer.next_callback(confirmed.transaction_id)
    network.clock.tick(minutes=30)
    await network.call("POST", f"/orders/{ref}/events", {"event": "complete"})
    await network.buyer.next_callback(confirmed.transaction_id)
    status, answer = await network.call(
        "POST", f"/orders/{ref}/rating", {"rater": "phone", "provider": 1, "feedback": MARK}
    )
    assert status == 200, answer
    return ref


async def planted_complaint(network: Any, ref: str) -> str:
    """Marks in a complaint, in what is noted of it, and in why nothing is done about it; its number."""
    number = await complained(network, ref, code="AGT001", short_desc=MARK, long_desc=MARK)
    await step(network, number, "note", text=MARK)
    await step(network, number, "resolve", option={"code": "NO_ACTION", "text": MARK})
    return number


async def planted_elsewhere(network: Any, provider: str, worker: str) -> None:
    """Marks as reasons, in an application, in project work, and in what nobody could serve."""
    again = await network.booked("fan repair")
    ref = await network.ref(again)
    for path, body in (
        (f"/orders/{ref}/events", {"event": "cancel", "reason": MARK}),
        (f"/providers/{provider}/events", {"event": "suspend", "reason": MARK}),
        (f"/providers/{provider}/events", {"event": "restore", "reason": MARK}),
        (f"/workers/{worker}/events", {"event": "suspend", "reason": MARK}),
        (f"/workers/{worker}/events", {"event": "restore", "reason": MARK}),
        ("/empanelments", APPLICATION),
        ("/projects", PROJECT),
    ):
        status, answer = await network.call("POST", path, body)
        assert status in {200, 201}, (path, answer)
    await network.call("GET", f"/find?q={MARK_IN_A_QUERY}&pincode=226010")


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_nothing_planted_comes_back_as_markup_or_as_a_formula(network, language):
    ref = await plant(network)
    number = await planted_complaint(network, ref)
    await a_dispute(network, ref, MARK)
    own, foreign = await sides_of(network)
    own = replace(own, ticket=number)
    await planted_elsewhere(network, foreign.provider, foreign.worker)
    live, seen, formulas, kinds = [], set(), [], set()
    async with everybody(network, own) as people:
        await add_person(network, Role.OPERATOR, "planted", name=MARK)
        for role, visitor in people.items():
            visitor.language = language
            found = await walk(visitor, own, role)
            for path, page in found.pages.items():
                live += [(role, path, bad) for bad in LIVE.findall(page.text)]
                if "onerror=planted" in page.text:
                    seen.add(role)
            for path, (media_type, body) in found.files.items():
                kinds.add(media_type)
                formulas += [(role, path, cell) for cell in formulas_in(media_type, body)]

    assert live == []
    assert formulas == []
    assert {Role.ADMIN, Role.ACCOUNTANT, Role.OPERATOR, Role.OFFICER, Role.PROVIDER, Role.WORKER} <= seen, (
        "what was planted is shown, as text"
    )


async def test_what_is_typed_comes_back_as_text_from_every_form_and_every_query(network):
    own, _ = await sides(network)
    live = []
    async with everybody(network, own) as people:
        for case in CASES:
            role = min(case.roles - {Role.ADMIN}, default=Role.ADMIN)
            visitor = people[role]
            path = case.path(own.values)
            if isinstance(case.one, Page):
                names = [*case.one.query.model_fields, "did", "nobody_knows"]
                for name in names:
                    page = await visitor.get(f"{path}?{name}={MARK_IN_A_QUERY}")
                    live += [(f"{case.name} {name}", bad) for bad in LIVE.findall(page.text)]
            else:
                typed = {name: own.values.get(name, MARK) for name in case.one.form.model_fields}
                page = await visitor.post(path, {**typed, "nobody_knows": MARK, "csrf": await csrf(visitor)})
                live += [(f"{case.name} form", bad) for bad in LIVE.findall(page.text)]
                assert page.status < 500, (case.name, page.status)
        for path in (f"/console/{MARK_IN_A_QUERY}", f"/console/orders/{MARK_IN_A_QUERY}", "/console/nothing"):
            page = await people[Role.OPERATOR].get(path)
            live += [(path, bad) for bad in LIVE.findall(page.text)]
    async with a_visitor(network) as stranger:
        for path, fields_ in (
            ("/console/sign-in", {"login": MARK, "password": MARK}),
            ("/console/sign-in/phone", {"phone": MARK}),
            ("/console/sign-in/code", {"phone": MARK, "code": MARK}),
            ("/console/language", {"language": MARK, "back": MARK}),
        ):
            token = (await stranger.get(f"/console/sign-in?next={MARK_IN_A_QUERY}")).form("sign-in")[1]["csrf"]
            page = await stranger.post(f"{path}?next={MARK_IN_A_QUERY}", {**fields_, "csrf": token})
            live += [(path, bad) for bad in LIVE.findall(page.text)]

    assert live == []


MARK_IN_A_QUERY = "%3D1%2B1%22%27%3E%3Cimg%20src%3Dx%20onerror%3Dplanted%3E%7B%7B7*7%7D%7D"


async def sides_of(network: Any) -> Any:
    """The side of the order that was planted, which came first."""
    own, foreign = await sides(network)
    _, listed = await network.call("GET", "/orders?limit=50")
    ref = next(one["ref"] for one in listed["items"] if "planted" in (one["order_id"] or ""))
    _, order = await network.call("GET", f"/orders/{ref}")
    return replace(own, ref=ref, provider=order["provider_id"], worker=order["worker_id"] or own.worker), foreign


def formulas_in(media_type: str, body: bytes) -> list[str]:
    """The cells of a file that a spreadsheet program would work out."""
    if "csv" in media_type:
        rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
        return [cell for row in rows for cell in row if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell)]
    if "spreadsheetml" in media_type:
        sheets = load_workbook(io.BytesIO(body)).worksheets
        return [
            str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
        ]
    return []
