"""A provider at its pages, without a browser: what its forms do, and what they say where they do it not."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest

from bpp.console.provider.board import MOST
from bpp.people.model import Role
from tests.support.callers import booked, done, happens
from tests.support.console import signed_in
from tests.support.provider_pages import HOME, OWN, SHEET, WORKER, changed, told, waiting

BARABANKI = "129"


@pytest.fixture
async def owner(network):
    async with signed_in(network, Role.PROVIDER, provider_id=OWN) as visitor:
        yield visitor


async def test_a_new_order_is_accepted_with_the_worker_whom_the_owner_names_and_only_once(network, owner):
    order = await waiting(network)
    board = await owner.get(f"{HOME}/orders")
    assert order["order_id"] in board.words
    assert "Time left to accept 15:00" in board.words

    where, fields = board.form(f"{order['ref']}/accept")
    answers = [await owner.post(where, {**fields, "worker_id": "W-GOMTI-2"}) for _ in range(2)]

    assert ["The order is accepted." in one.words for one in answers] == [True, True]
    now = await told(network, f"/orders/{order['ref']}")
    assert (now["accepted"], now["worker_id"]) == (True, "W-GOMTI-2")
    assert [one["name"] for one in now["timeline"] if one["kind"] == "event"].count("accept") == 1
    assert "No order waits for your word." in answers[1].words


async def test_with_a_worker_who_cannot_go_the_order_is_not_accepted_either(network, owner):
    order = await waiting(network)

    refused = await owner.send(await owner.get(f"{HOME}/orders"), f"{order['ref']}/accept", worker_id="W-GOMTI-5")

    assert refused.status in {409, 422}
    assert "Not done" in refused.words
    assert not (await told(network, f"/orders/{order['ref']}"))["accepted"]


async def test_an_order_is_refused_with_a_reason_and_the_owners_words_are_kept(network, owner):
    order = await waiting(network)

    page = await owner.send(
        await owner.get(f"{HOME}/orders"), f"{order['ref']}/refuse", reason="005", note="the road is under water"
    )

    assert "The order is refused." in page.words
    now = await told(network, f"/orders/{order['ref']}")
    assert (now["state"], now["cancellation"]["note"]) == ("CANCELLED", "the road is under water")


async def test_two_orders_are_taken_from_one_showing_of_the_board_each_once(network, owner):
    first, second = await waiting(network), await waiting(network, slot=1)
    board = await owner.get(f"{HOME}/orders")
    forms = [board.form(f"{one['ref']}/accept") for one in (first, second)]

    for where, fields in forms:
        answers = [await owner.post(where, fields) for _ in range(2)]
        assert ["The order is accepted." in one.words for one in answers] == [True, True]


async def test_what_was_typed_for_one_order_stands_at_no_other(network, owner):
    gone, other = await waiting(network), await waiting(network, slot=1)
    board = await owner.get(f"{HOME}/orders")
    await happens(network.call, gone, "decline", reason="002")

    taking = await owner.send(board, f"{gone['ref']}/accept", worker_id="W-GOMTI-2")
    refusing = await owner.send(board, f"{gone['ref']}/refuse", reason="016", note="rain")

    assert (taking.status, refusing.status) == (409, 409)
    assert taking.form(f"{other['ref']}/accept")[1]["worker_id"] == ""
    fields = refusing.form(f"{other['ref']}/refuse")[1]
    assert (fields["reason"], fields["note"]) == ("002", "")


async def test_the_visits_of_one_worker_are_found_among_more_than_are_shown(network, owner):
    first = await booked(network.call)
    later = await booked(network.call, slot=3)
    await happens(network.call, later, "assign", worker_id="W-GOMTI-2")

    async def many(work):
        order = await work.orders.get(first["ref"])
        for number in range(MOST):
            copy = replace(order, ref=f"copy-{number}", order_id=f"COPY-{number}", version=0)
            assert await work.orders.add(copy, network.clock())

    await network.context.storage.run(many)

    everybody = await owner.get(f"{HOME}/orders")
    one = await owner.get(f"{HOME}/orders?worker=W-GOMTI-2")

    assert later["order_id"] not in everybody.words
    assert "Only the first 200 are shown" in everybody.words
    assert later["order_id"] in one.words


async def test_what_was_decided_meanwhile_is_said_and_nothing_is_done(network, owner):
    order = await waiting(network)
    board = await owner.get(f"{HOME}/orders")
    await happens(network.call, order, "accept")

    late = await owner.send(board, f"{order['ref']}/refuse", reason="002")

    assert late.status == 409
    assert "This is not possible as things stand now." in late.words
    assert (await told(network, f"/orders/{order['ref']}"))["state"] != "CANCELLED"


async def test_visits_are_found_by_day_state_and_worker_and_another_worker_is_sent(network, owner):
    today = await booked(network.call)
    later = await booked(network.call, slot=14)
    await happens(network.call, today, "assign", worker_id="W-GOMTI-2")

    for query, shown in (
        ("", {today["order_id"]}),
        ("?when=coming", {later["order_id"]}),
        ("?when=past", set()),
        ("?stage=COMPLETED", set()),
        ("?worker=W-GOMTI-2", {today["order_id"]}),
        ("?worker=W-GOMTI-4", set()),
    ):
        board = await owner.get(f"{HOME}/orders{query}")
        assert {one for one in (today["order_id"], later["order_id"]) if one in board.words} == shown, query

    sent = await owner.send(await owner.get(f"{HOME}/orders"), f"{today['ref']}/send", worker_id="W-GOMTI-4")
    assert "The worker is sent." in sent.words
    assert (await told(network, f"/orders/{today['ref']}"))["worker_id"] == "W-GOMTI-4"


async def test_a_worker_is_registered_and_gets_no_job_before_staff_have_entered_the_papers(network, owner):
    form = await owner.get(f"{HOME}/new-worker")
    page = await owner.send(form, "new-worker", name="Zoya Demo", phone="9000000199", gender="female", start="L1")
    assert "The worker is registered" in page.words
    worker = page.url.path.rpartition("/")[2]
    assert "gets no jobs: papers missing" in page.words
    assert "Enter a police verification" not in page.words
    forbidden = await owner.post(
        f"{HOME}/workers/{worker}/verification", {**token(page), "number": "PV 1", "until": "2031-01-01"}
    )
    assert forbidden.status == 403

    async with signed_in(network, Role.OFFICER, login="officer") as officer:
        path = f"{HOME}/workers/{worker}"
        await officer.send(await officer.get(path), "/verification", number="PV 1", until="2031-01-01")
        done_ = await officer.send(
            await officer.get(path), "/certificate", service_id="SM-PLB", number="C 1", until="2026-12-01"
        )
        assert "The certificate is entered." in done_.words

    stored = await told(network, f"/workers/{worker}")
    assert (stored["verified_until"], stored["skills"]) == ("2031-01-01", {"SM-PLB": "2026-12-01"})
    listed = await owner.get(f"{HOME}/workers")
    assert "Zoya Demo" in listed.words
    assert "1 with papers that lapse within 30 days" in listed.words


async def test_what_is_wrong_in_a_workers_form_is_said_beside_its_field_and_what_was_typed_stays(network, owner):
    form = await owner.get(f"{HOME}/new-worker")

    refused = await owner.send(form, "new-worker", name="Zoya Demo", phone="12", start="L1")

    assert refused.status == 422
    assert 'id="wrong-phone"' in refused.text
    assert 'value="Zoya Demo"' in refused.text


async def test_no_worker_gets_the_number_with_which_another_signs_in(network, owner):
    form, before = await owner.get(f"{HOME}/new-worker"), await told(network, "/workers/W-GOMTI-2")

    new = await owner.send(form, "new-worker", name="Zoya Demo", phone=before["phone"], start="L1")
    other = await owner.send(await owner.get(f"{HOME}/workers/{WORKER}"), "/change", phone=f"+91 {before['phone']}")
    same = await owner.send(await owner.get(f"{HOME}/workers/{WORKER}"), "/change")

    for refused in (new, other):
        assert refused.status == 409
        assert 'id="wrong-phone"' in refused.text
    assert "The change is stored." in same.words


async def test_a_leave_gives_the_visits_that_it_makes_impossible_to_others(network, owner):
    order = await booked(network.call)
    await happens(network.call, order, "assign", worker_id=WORKER)
    page = await owner.get(f"{HOME}/workers/{WORKER}")
    today = network.clock().date().isoformat()

    away = await owner.send(page, "/leave", first=today, last=today, reassign="on")

    assert "The leave is entered." in away.words
    assert (await told(network, f"/orders/{order['ref']}"))["worker_id"] not in ("", WORKER)
    wrong = await owner.send(away, "/leave", first="2027-01-10", last="2027-01-09")
    assert "The last day lies before the first one" in wrong.words
    assert re.search(r"<details[^>]* open>\s*<summary[^>]*>Enter a leave", wrong.text), "what was typed is to be seen"
    back = await owner.send(away, "/back", first=today)
    assert "No leave is entered." in back.words


async def test_a_worker_who_takes_no_jobs_is_told_which_visits_are_left_and_all_go_to_others(network, owner):
    order = await booked(network.call)
    await happens(network.call, order, "assign", worker_id=WORKER)
    page = await owner.get(f"{HOME}/workers/{WORKER}")
    where, fields = page.form("/available")
    fields.pop("reassign", None)

    off = await owner.post(where, fields)
    assert "Visits that this worker cannot do" in off.words
    assert "switched to not available" in off.words

    relieved = await owner.send(off, "/relieve", reason="cannot come")
    assert "The visits are given to others" in relieved.words
    assert "Visits that this worker cannot do" not in relieved.words
    assert (await told(network, f"/orders/{order['ref']}"))["worker_id"] not in ("", WORKER)


async def test_a_workers_telephone_hours_and_districts_change_and_nothing_else(network, owner):
    before = await told(network, f"/workers/{WORKER}")
    where, fields = (await owner.get(f"{HOME}/workers/{WORKER}")).form("/change")
    fields.pop("day_7")
    fields.pop("at_129")

    page = await owner.post(where, {**fields, "phone": "9000000198", "opens": "10:00"})

    assert "The change is stored." in page.words
    after = await told(network, f"/workers/{WORKER}")
    expected = {"phone": "9000000198", "districts": ["162"]}
    hours = {**before["hours"], "days": [1, 2, 3, 4, 5, 6], "opens": "10:00:00"}
    assert after == {**before, **expected, "hours": hours}


async def test_no_provider_agrees_for_a_worker_that_customers_see_where_he_or_she_is(network, owner):
    page = await owner.get(f"{HOME}/workers/{WORKER}")
    where, fields = page.form("/change")
    await changed(network, f"/workers/{WORKER}", shares_location=False)

    for sent in (fields, {**fields, "shares_location": "on"}):
        assert "The change is stored." in (await owner.post(where, sent)).words

    assert (await told(network, f"/workers/{WORKER}"))["shares_location"] is False
    assert "Only the worker can agree to it" in (await owner.get(f"{HOME}/workers/{WORKER}")).words


async def test_a_list_is_looked_at_first_and_taken_as_it_was_shown(network, owner):
    before = await told(network, "/offerings/GOMTI-TAP")
    rates = await owner.get(f"{HOME}/rates")
    preview = await owner.send(rates, "rate-list", sheet=("rates.csv", SHEET.encode()))

    assert "Nothing is changed yet" in preview.words
    assert "no service of Sewamitra is called so: जादू का काम" in preview.words
    assert "expected a rate above zero" in preview.words
    assert await told(network, "/offerings/GOMTI-TAP") == before
    all_or_nothing = await owner.send(preview, "/take")
    assert all_or_nothing.status == 409

    taken = await owner.send(preview, "/take", skip_faulty="on")

    assert "The list is taken." in taken.words
    listed = await told(network, f"/offerings?provider_id={OWN}&limit=500")
    prices = {one["price"] for one in listed["items"] if one["sub_service_id"] == "SM-PLB-TAP"}
    assert "349.00" in prices


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rates.csv", b"", "Please choose a file."),
        ("rates.csv", b"a,b\n1,2\n", "No row of the sheet has headings that we know"),
        ("rates.xlsx", b"PK\x03\x04 nothing", "The Excel file cannot be read"),
    ],
)
async def test_what_is_no_rate_list_is_refused_with_the_reason(owner, name, content, said):
    page = await owner.send(await owner.get(f"{HOME}/rates"), "rate-list", sheet=(name, content))

    assert page.status == 422
    assert said in page.words
    assert 'id="wrong-sheet"' in page.text


async def test_the_present_list_can_be_fetched_and_sent_again_and_changes_nothing(owner):
    content = await file_of(owner, f"{HOME}/rate-list/file?format=xlsx")

    preview = await owner.send(await owner.get(f"{HOME}/rates"), "rate-list", sheet=("list.xlsx", content))

    assert "There is nothing to take" in preview.words
    assert "Not taken" not in preview.words


async def test_another_file_in_the_same_form_is_looked_at_anew(owner):
    where, fields = (await owner.get(f"{HOME}/rates")).form("rate-list")
    mended = SHEET.replace(",0,", ",149,")

    first, second = [await owner.post(where, {**fields, "sheet": ("r.csv", text.encode())}) for text in (SHEET, mended)]

    assert "expected a rate above zero" in first.words
    assert "expected a rate above zero" not in second.words
    assert (await owner.get(first.url.path)).status == 404, "the newer one has taken its place"


async def test_a_preview_is_kept_for_a_day(network, owner):
    preview = await owner.send(await owner.get(f"{HOME}/rates"), "rate-list", sheet=("r.csv", SHEET.encode()))
    network.clock.tick(minutes=60 * 25)

    async with signed_in(network, Role.PROVIDER, login="later", provider_id=OWN) as visitor:
        assert (await visitor.get(preview.url.path)).status == 404


async def test_one_fee_is_changed_by_hand_and_a_wrong_one_is_refused(network, owner):
    page = await owner.get(f"{HOME}/rates/GOMTI-TAP")

    stored = await owner.send(page, "/GOMTI-TAP", price="275", max_price="290", price_129="280", active="on")
    struck = await owner.send(page, "/GOMTI-TAP", price="275", max_price="200", active="on")
    wrong = await owner.send(page, "/GOMTI-TAP", price="-5", active="on")
    there = await owner.send(page, "/GOMTI-TAP", price="275", price_129="much", active="on")

    assert "The fee is stored." in stored.words
    now = await told(network, "/offerings/GOMTI-TAP")
    assert (now["price"], now["district_prices"], now["active"]) == ("275.00", {BARABANKI: "280.00"}, True)
    assert (wrong.status, struck.status, there.status) == (422, 422, 422)
    assert 'id="wrong-price_129"' in there.text
    assert 'id="wrong-price"' in wrong.text
    assert 'id="wrong-max_price"' in struck.text


async def test_districts_are_found_by_name_or_pincode_and_what_is_not_shown_stays_chosen(network, owner):
    found = await owner.get(f"{HOME}/coverage?q=226010")
    where, fields = found.form("districts")
    assert [name for name in fields if name.startswith("at_")] == ["at_162"]
    unnao = await owner.get(f"{HOME}/coverage?q=unnao")
    lgd = "at_" + unnao.form("districts")[1]["listed"].strip()

    page = await owner.send(unnao, "districts", **{lgd: "on"})

    assert "Stored." in page.words
    assert "Unnao" in page.words
    districts = (await told(network, f"/providers/{OWN}"))["districts"]
    assert {"162", BARABANKI} < set(districts)
    refused = await owner.post(where, {name: text for name, text in fields.items() if name != "at_162"})
    assert refused.status == 422
    assert "Workers or fees of yours still need what would be taken away." in refused.words


async def test_a_district_has_the_services_chosen_for_it(network, owner):
    page = await owner.get(f"{HOME}/coverage/129")
    where, fields = page.form("coverage/129")
    chosen = {name: text for name, text in fields.items() if name not in {"everything", "does_SM-ELC"}}

    await owner.post(where, chosen)

    kept = (await told(network, f"/providers/{OWN}"))["services"]
    assert "SM-PLB" in kept[BARABANKI]
    assert "SM-ELC" not in kept[BARABANKI]
    again = await owner.get(f"{HOME}/coverage/129")
    await owner.send(again, "coverage/129", everything="on")
    assert (await told(network, f"/providers/{OWN}"))["services"] == {}


async def test_pincodes_are_chosen_from_those_of_the_districts(network, owner):
    path = f"{HOME}/areas/L1~SRV11-*~10"
    page = await owner.get(f"{path}?q=22601")
    none = await owner.send(page, "/reach", kind="11")
    stored = await owner.send(page, "/reach", kind="11", pin_226010="on", pin_226016="on")

    assert none.status == 422
    assert "Stored." in stored.words
    areas = (await told(network, f"/providers/{OWN}"))["areas"]
    assert [one["val"] for one in areas if one["kind"] == "11"] == ["226010,226016"]


async def test_days_without_work_are_ticked_in_a_month_and_those_of_other_months_stay(network, owner):
    await changed(
        network,
        f"/providers/{OWN}",
        hours={"days": [1, 2, 3, 4, 5, 6], "opens": "09:00", "closes": "18:00", "holidays": ["2027-01-26"]},
    )
    page = await owner.get(f"{HOME}/hours?month=2026-12")

    stored = await owner.send(page, "hours/month", **{"off_2026-12-25": "on"})

    assert "month=2026-12" in str(stored.url)
    hours = (await told(network, f"/providers/{OWN}"))["hours"]
    assert hours["holidays"] == ["2026-12-25", "2027-01-26"]
    assert (await owner.get(f"{HOME}/hours?month=2026-13")).status == 400


async def test_what_is_booked_on_a_day_without_work_is_told_since_it_stays_booked(network, owner):
    order = await booked(network.call)
    before = await owner.get(f"{HOME}/hours")
    assert order["order_id"] not in before.words

    stored = await owner.send(before, "hours/month", **{f"off_{network.clock().date()}": "on"})

    assert "Visits on days without work" in stored.words
    assert order["order_id"] in stored.words


async def test_hours_and_terms_change_and_wrong_ones_are_refused(network, owner):
    page = await owner.get(f"{HOME}/hours")
    early = await owner.send(page, "hours/week", opens="18:00", closes="09:00")
    assert early.status == 422
    assert 'id="wrong-closes"' in early.text, "it is said beside the field"
    stored = await owner.send(page, "hours/week", opens="08:00", closes="20:00")
    assert "Stored." in stored.words
    where, fields = page.form("hours/terms")
    terms = await owner.post(where, {**fields, "fee_0": "10", "unit_0": "percent", "acceptance": "manual"})
    assert "Stored." in terms.words

    now = await told(network, f"/providers/{OWN}")
    assert (now["hours"]["opens"], now["acceptance"]) == ("08:00:00", "manual")
    assert (now["terms"]["cancellation"][0]["percentage"], now["terms"]["cancellation"][0]["fee"]) == ("10", None)
    assert now["terms"]["reschedule"][0]["within"] == "PT4H"
    wrong = await owner.post(where, {**fields, "fee_1": "much"})
    assert wrong.status == 422
    assert 'id="wrong-fee_1"' in wrong.text
    assert 'id="wrong-fee_0"' not in wrong.text
    typed = await owner.post(where, {**fields, "fee_1": "Rs. 1,050"})
    assert "Stored." in typed.words
    assert (await told(network, f"/providers/{OWN}"))["terms"]["cancellation"][1]["fee"] == "1050.00"


async def test_the_wallet_says_what_is_received_in_hand_and_owed_and_leaves_as_a_sheet(network, owner):
    order = await booked(network.call, payment="ON-FULFILLMENT")
    network.clock.tick(minutes=90)
    await done(network.call, order)

    async with signed_in(network, Role.PROVIDER, login="again", provider_id=OWN) as visitor:
        page = await visitor.get(f"{HOME}/money")
        sheet = openpyxl.load_workbook(io.BytesIO(await file_of(visitor, f"{HOME}/money/file?format=xlsx"))).active

    assert "In hand, with the workers" in page.words
    assert "₹199.00" in page.words
    assert [cell.value for cell in next(sheet.iter_rows())] == ["When", "What", "Order", "Note", "Out", "In", "Balance"]
    assert sheet.max_row >= 3
    tomorrow = (network.clock() + timedelta(days=1)).date()
    async with signed_in(network, Role.PROVIDER, login="third", provider_id=OWN) as visitor:
        assert (await visitor.get(f"{HOME}/money?from={tomorrow}&until=2026-01-01")).status == 400


async def file_of(visitor, path):
    async with visitor.session.get(f"{visitor.base}{path}", headers={"Accept-Language": visitor.language}) as answer:
        assert answer.status == 200
        return await answer.read()


def token(page):
    _, fields = next((where, fields) for where, fields in page.forms() if "csrf" in fields)
    return {"csrf": fields["csrf"]}
