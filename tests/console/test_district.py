"""The district officer's pages over HTTP: what they show, what they do, and what of other districts they do not."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from urllib.parse import quote

import openpyxl
import pypdf
import pytest

from bpp.console.app import DEEDS, PAGES
from bpp.console.district.demand import MOST_ROWS
from bpp.people.model import Role
from bpp.sandbox.messages import search_message
from bpp.storage.ports_audit import ReadFilter
from bpp.storage.ports_demand import Unserved
from tests.flows.test_search import found_by, names
from tests.support.console import signed_in
from tests.support.districts import APPLICATION, KANPUR, LUCKNOW, TODAY, a_busy_district
from tests.support.network import Network

HERE = f"/console/district/{LUCKNOW}"
GOMTI, ASHA = f"{HERE}/providers/P-GOMTI", f"{HERE}/workers/W-GOMTI-1"
LISTS = ("", "/providers", "/workers", "/papers", "/demand", "/orders", "/applications", "/report")


async def sellers(network: Network) -> list[str]:
    """The providers in the on_search that a buyer app gets."""
    return names(await found_by(network, search_message(words="tap repair", place=network.place)))


def figure(page, words: str) -> str:
    """A figure of the dashboard, by the words beside it."""
    return str(re.findall(rf"<strong>([^<]*)</strong> {words}", page.text)[0])


# What is to be seen


async def test_the_first_page_has_the_figures_of_the_district_each_leading_to_its_list(network):
    await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get("/console/")

        assert page.url.path == HERE
        assert figure(page, "service providers on sale") == "5 of 5"
        assert figure(page, "searches in vain in 30 days") == "15"
        assert figure(page, "applications wait for a decision") == "1"
        assert figure(page, "All") == "55"
        for address in re.findall(r'<li><a href="([^"]+)"><strong>', page.text):
            assert (await visitor.get(address.replace("&amp;", "&"))).status == 200, address


async def test_a_figure_of_a_state_is_what_its_list_has(network):
    await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(HERE)
        listed = await visitor.get(f"{HERE}/orders?state=CANCELLED")

    assert figure(page, "Cancelled") == str(len(re.findall(r'<span class="tag">Cancelled', listed.text))) == "8"


async def test_orders_are_listed_by_state_channel_and_day_and_page_by_page(network):
    await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        first = await visitor.get(f"{HERE}/orders")
        older = re.findall(r'rel="next" href="([^"]+)"', first.text)[0].replace("&amp;", "&")
        second = await visitor.get(older)
        one_day = await visitor.get(f"{HERE}/orders?first=2026-11-20&last=2026-11-20&channel=ondc&state=")

    assert (first.text.count("/console/orders/"), second.text.count("/console/orders/")) == (50, 5)
    assert not set(re.findall(r"/console/orders/([\w-]+)", first.text)) & set(
        re.findall(r"/console/orders/([\w-]+)", second.text)
    )
    assert re.findall(r">(SM-OLD-\d+)<", one_day.text) == ["SM-OLD-0007"]


async def test_an_order_that_is_opened_shows_nothing_of_the_customer(network):
    busy = await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(f"/console/orders/{busy.reviewed}")

    assert page.status == 200
    assert network.customer.phone not in page.text
    assert network.customer.name not in page.text


async def test_unserved_demand_is_that_of_the_district_by_pincode_and_service(network):
    await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        month = await visitor.get(f"{HERE}/demand")
        week = await visitor.get(f"{HERE}/demand?days=7")
        plumbers = await visitor.get(f"{HERE}/demand?service_id=SM-PLB")

    assert "15 searches found nobody" in month.words
    assert "226010 Cook Nobody offers it there 9" in month.words
    assert "13 searches found nobody" in week.words
    assert "4 searches found nobody" in plumbers.words
    assert "208001" not in month.text


async def test_the_sums_of_unserved_demand_count_also_what_its_list_has_no_room_for(network):
    async def unit(work):
        for number in range(MOST_ROWS + 20):
            await work.demand.count(
                Unserved(
                    day=TODAY,
                    hour=10,
                    channel="ondc",
                    district=LUCKNOW,
                    area_code=f"{226000 + number}",
                    service_id="SM-PLB",
                    reason="no_slot",
                )
            )

    await network.context.storage.run(unit)
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(f"{HERE}/demand")
        front = await visitor.get(HERE)

    assert "520 searches found nobody" in page.words
    assert re.search(r"Unserved searches by service .*Plumber 520 ", page.words)
    assert page.text.count(">Nobody had time</td>") == MOST_ROWS
    assert "Only the 500 rows with most searches are shown" in page.words
    assert figure(front, "searches in vain in 30 days") == "520"


async def test_papers_are_found_30_60_and_90_days_before_they_lapse_and_after(network):
    for worker, until in (("W-GOMTI-1", "2026-12-10"), ("W-GOMTI-2", "2027-01-10"), ("W-GOMTI-3", "2027-02-10")):
        assert (await network.call("PATCH", f"/workers/{worker}", {"verified_until": until}))[0] == 200
    await network.call("PATCH", "/workers/W-GOMTI-4", {"verified_until": "2026-11-01"})
    async with signed_in(network, Role.OFFICER) as visitor:
        found = {
            query: re.findall(r"/workers/(W-[A-Z]+-\d)\"", (await visitor.get(f"{HERE}/papers?{query}")).text)
            for query in ("days=30", "days=60", "days=90", "days=30&lapsed=yes", "days=90&kind=agreement")
        }

    assert found == {
        "days=30": ["W-GOMTI-1"],
        "days=60": ["W-GOMTI-1", "W-GOMTI-2"],
        "days=90": ["W-GOMTI-1", "W-GOMTI-2", "W-GOMTI-3"],
        "days=30&lapsed=yes": [*found["days=30&lapsed=yes"][:-1], "W-GOMTI-1"],
        "days=90&kind=agreement": [],
    }
    assert "W-GOMTI-4" in found["days=30&lapsed=yes"]


async def test_lists_are_searched_by_name_and_standing(network):
    async with signed_in(network, Role.OFFICER) as visitor:
        by_name = await visitor.get(f"{HERE}/providers?q={quote('गोमती')}&standing=")
        suspended = await visitor.get(f"{HERE}/providers?standing=suspended&q=")
        unverified = await visitor.get(f"{HERE}/workers?fitness=unverified&q=")

    assert re.findall(r"/providers/(P-\w+)\"", by_name.text) == ["P-GOMTI"]
    assert "Nobody here fits." in suspended.words
    assert re.findall(r"/workers/(W-[\w-]+)\"", unverified.text) == ["W-GOMTI-5"]


async def test_whoever_looks_at_workers_leaves_a_row_for_each_who_is_shown(network):
    async with signed_in(network, Role.OFFICER) as visitor:
        await visitor.get(ASHA)
        which = ReadFilter(kind="worker", subject="W-GOMTI-1")
        rows = await network.context.storage.read(lambda work: work.audit.reads(which))

    assert [(one.who, one.role) for _, one in rows] == [("officer:officer", "officer")]


async def test_whoever_is_named_on_a_page_of_a_provider_or_a_review_leaves_a_row_too(network):
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    worker = (await network.call("GET", f"/orders/{ref}"))[1]["worker_id"]
    given = {"rater": "phone", "workers": {worker: 2}}
    assert (await network.call("POST", f"/orders/{ref}/rating", given))[0] == 200

    async def noted() -> list[str]:
        rows = await network.context.storage.read(lambda work: work.audit.reads(ReadFilter(kind="worker")))
        return [one.subject for _, one in rows if one.role == "officer"]

    async with signed_in(network, Role.OFFICER) as visitor:
        review = await visitor.get(f"{HERE}/reviews/{ref}")
        of_review = await noted()
        page = await visitor.get(GOMTI)
        of_both = await noted()

    world = await network.context.storage.read(network.context.worlds.current)
    assert world.catalog.workers[worker].name in review.words
    assert of_review == [worker]
    assert sorted(of_both) == sorted([worker, *set(re.findall(r"/workers/(W-[\w-]+)\"", page.text))])


# What is done


async def test_a_suspended_provider_leaves_the_catalogue_and_comes_back_when_restored(network):
    async with signed_in(network, Role.OFFICER) as visitor:
        before = await sellers(network)
        page = await visitor.get(GOMTI)
        assert "15 offerings leave the catalogue at once" in page.words
        assert "It serves 2 districts and is suspended in all of them." in page.words
        gone = await visitor.send(page, "/suspend", reason="complaints")
        without = await sellers(network)
        back = await visitor.send(gone, "/restore", reason="cleared up")

        assert (before, without, await sellers(network)) == (["P-GOMTI"], [], ["P-GOMTI"])
        assert "All 15 offerings are off sale" in gone.words
        assert "complaints" in gone.words
        assert "15 offerings are in the catalogue" in back.words


async def test_a_suspended_worker_is_sent_to_nobody_and_the_bookings_go_to_others(network):
    confirmed = await network.booked()
    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    worker = order["worker_id"]
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(f"{HERE}/workers/{worker}")
        after = await visitor.send(page, "/suspend", reason="a complaint", reassign="yes")
        _, moved = await network.call("GET", f"/orders/{ref}")

        assert "Suspended" in after.words
        assert moved["worker_id"] not in ("", worker)
        assert "Verified" in (await visitor.send(after, "/restore", reason="cleared up")).words


async def test_bookings_of_a_suspended_worker_that_nobody_took_over_are_listed(network):
    confirmed = await network.booked()
    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(f"{HERE}/workers/{order['worker_id']}")
        where, fields = page.form("/suspend")
        fields.pop("reassign", None)
        after = await visitor.post(where, {**fields, "reason": "a complaint"})

    assert "Bookings that somebody else must do" in after.words
    assert f"/console/orders/{ref}" in after.text


@pytest.mark.parametrize(("path", "action"), [(GOMTI, "/suspend"), (ASHA, "/suspend")])
async def test_nobody_is_suspended_without_a_reason_or_twice(network, path, action):
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(path)
        refused = await visitor.send(page, action, reason="  ")
        assert refused.status == 422
        assert "Please fill this in." in refused.words
        where, fields = page.form(action)
        first = await visitor.post(where, {**fields, "reason": "x"})
        again = await visitor.post(where, {**fields, "reason": "x"})
        twice = await visitor.post(where, {**fields, "reason": "x", "once": "another showing"})

    assert (first.status, again.status, twice.status) == (200, 200, 409)
    assert "This is not possible as things stand now." in twice.words


async def test_a_verification_and_a_certificate_are_recorded_and_their_paper_lapses_no_more(network):
    await network.call("PATCH", "/workers/W-GOMTI-1", {"verified_until": "2026-12-10"})
    async with signed_in(network, Role.OFFICER) as visitor:
        form = await visitor.get(f"{ASHA}/verification")
        wrong = await visitor.send(form, "/verification", number="PV-9", until="soon", url="")
        assert wrong.status == 422
        assert 'value="PV-9"' in wrong.text
        done = await visitor.send(form, "/verification", number="PV-9", until="2028-01-31", url="")
        form = await visitor.get(f"{ASHA}/certificate?service_id=SM-HCL")
        certified = await visitor.send(form, "/certificate", number="C-7", until="2028-02-29")
        papers = await visitor.get(f"{HERE}/papers")
        no_such = await visitor.send(form, "/certificate", service_id="SM-NONE", number="C-8", until="2028-02-29")

    assert "The police verification was recorded." in done.words
    assert "Number PV-9" in done.words
    assert "Home cleaning" in certified.words
    assert "W-GOMTI-1" not in papers.text
    assert no_such.status == 422


async def test_an_agreement_is_renewed_and_one_that_ends_earlier_is_refused(network):
    async with signed_in(network, Role.OFFICER) as visitor:
        form = await visitor.get(f"{GOMTI}/agreement")
        wrong = await visitor.send(form, "/agreement", number="A-9", first="2031-04-01", until="2030-01-01")
        done = await visitor.send(form, "/agreement", number="A-9", first="2031-04-01", until="2033-03-31")

    assert wrong.status == 422
    assert "The agreement was renewed." in done.words
    assert "Number A-9" in done.words


async def test_an_agreement_without_an_end_can_be_followed_by_another(network):
    async with signed_in(network, Role.OFFICER) as visitor:
        form = await visitor.get(f"{GOMTI}/agreement")
        done = await visitor.send(form, "/agreement", number="A-9", first="2031-04-01", until="9999-12-31")
        again = await visitor.get(f"{GOMTI}/agreement")

    assert "The agreement was renewed." in done.words
    assert again.status == 200


async def test_an_application_is_reviewed_and_approved_and_becomes_a_provider(network):
    _, made = await network.call("POST", "/empanelments", APPLICATION)
    here = f"{HERE}/applications/{made['id']}"
    async with signed_in(network, Role.OFFICER) as visitor:
        assert made["id"] in (await visitor.get(f"{HERE}/applications")).text
        page = await visitor.get(here)
        assert APPLICATION["phone"] in page.text
        page = await visitor.send(page, "/review")
        taken = await visitor.send(
            page, "/approve", new_provider="P-GOMTI", number="A-1", first="2026-11-01", until="2028-10-31"
        )
        assert taken.status == 422
        assert 'value="A-1"' in taken.text
        done = await visitor.send(
            page, "/approve", new_provider="P-NEW", number="A-1", first="2026-11-01", until="2028-10-31"
        )
        listed = await visitor.get(f"{HERE}/providers")
        decided = await visitor.get(f"{HERE}/applications?which=decided")

    assert "Approved" in done.words
    assert "P-NEW" in listed.text
    assert made["id"] in decided.text


async def test_an_application_is_refused_only_with_a_reason(network):
    _, made = await network.call("POST", "/empanelments", APPLICATION)
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.send(await visitor.get(f"{HERE}/applications/{made['id']}"), "/review")
        without = await visitor.send(page, "/refuse", reason="")
        done = await visitor.send(page, "/refuse", reason="papers are missing")

    assert without.status == 422
    assert "Reason: papers are missing" in done.words


async def test_a_review_is_set_aside_and_counts_again_when_restored(network):
    busy = await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        provider = await visitor.get(GOMTI)
        assert "बहुत देर से आए" in provider.text
        page = await visitor.get(f"{HERE}/reviews/{busy.reviewed}")
        aside = await visitor.send(page, "/set-aside", reason="not about the work")
        _, rated = await network.call("GET", "/providers/P-GOMTI/ratings")
        back = await visitor.send(aside, "/restore", reason="it was")
        _, again = await network.call("GET", "/providers/P-GOMTI/ratings")

    assert "Reason: not about the work" in aside.words
    assert (rated["count"], again["count"]) == (0, 1)
    assert "The review counts again." in back.words


# The monthly report


async def test_the_report_of_a_month_is_a_spreadsheet_with_the_same_figures(network):
    await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(f"{HERE}/report?month=2026-11")
        async with visitor.session.get(f"{network.url}{HERE}/report.xlsx?month=2026-11&language=hi") as answer:
            sheet = openpyxl.load_workbook(io.BytesIO(await answer.read())).active
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]

    assert "Bookings: 43" in page.words
    assert rows[0] == ("भाग", "क्या", "संख्या")
    assert rows[1][1] == "लखनऊ, नवंबर 2026"
    (as_it_stood,) = (row[1] for row in rows if row[0] == "ज़िले में सेवा देने वाले")
    assert re.search(r"23 .*2026 की स्थिति।", as_it_stood), "today, whatever the month of the report is"
    assert ("बुकिंग", "सभी", 43) in rows
    (whole,) = (row[2] for row in rows if row[:2] == ("बुकिंग", "पूरे हुए काम का मूल्य, रुपये में"))
    assert whole == sum(row[2] for row in rows if row[0] == "पूरे हुए काम का मूल्य, रुपये में") > 0
    assert ("पिनकोड के अनुसार अधूरी रही खोजें", "226010", 9) in rows


@pytest.mark.parametrize(
    ("language", "words"),
    [("hi", ("लखनऊ", "काम", "नवंबर")), ("en", ("Monthly report: Lucknow", "Completed"))],
)
async def test_the_report_is_a_pdf_in_the_language_asked_for(network, language, words):
    await a_busy_district(network)
    address = f"{network.url}{HERE}/report.pdf?month=2026-11&language={language}"
    async with signed_in(network, Role.OFFICER) as visitor, visitor.session.get(address) as answer:
        content = await answer.read()
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert 'filename="sewamitra-162-2026-11.pdf"' in answer.headers["Content-Disposition"]
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = " ".join(one.extract_text() for one in pages)

    assert [one for one in words if one not in text] == []


async def test_without_a_font_for_hindi_the_officer_is_told_so_instead_of_boxes(network, monkeypatch, tmp_path):
    (tmp_path / "fonts.conf").write_text("<fontconfig/>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    async with signed_in(network, Role.OFFICER) as visitor:
        page = await visitor.get(f"{HERE}/report.pdf")

    assert page.status == 501
    assert "a font for Hindi, is not installed here" in page.words


WITHOUT = """
import sys
sys.modules["weasyprint"] = None
from bpp.console.district.pdf import as_pdf
from bpp.operator.problems import ApiProblem
try:
    as_pdf("<p>a page</p>", "name")
except ApiProblem as problem:
    print(problem.status)
"""


def test_without_what_makes_pdf_nothing_fails_before_one_is_asked_for():
    said = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True).stdout

    assert said.splitlines()[-1] == "501"


@pytest.mark.parametrize(
    "path", ["/report?month=2026-13", "/demand?days=8", "/orders?first=2026-11-20&last=2026-11-19", "/papers?page=0"]
)
async def test_an_address_that_makes_no_sense_is_refused(network, path):
    async with signed_in(network, Role.OFFICER) as visitor:
        assert (await visitor.get(f"{HERE}{path}")).status == 400


# Borders


OURS = [one for one in PAGES if one.path.startswith("/district/")]
DONE = [one for one in DEEDS if one.path.startswith("/district/")]


def address(path: str, busy, district: str) -> str:
    """A path of ours with things of Lucknow in it."""
    named = {
        "district": district,
        "provider": "P-GOMTI",
        "worker": "W-GOMTI-1",
        "application": busy.application,
        "review": busy.reviewed,
    }
    return "/console" + path.format(**named)


async def test_an_officer_of_kanpur_sees_nothing_of_lucknow_and_does_nothing_there(network):
    busy = await a_busy_district(network)
    async with signed_in(network, Role.OFFICER, district=KANPUR) as visitor:
        account = await visitor.get("/console/account")
        csrf = account.form("sign-out")[1]["csrf"]
        for district in (LUCKNOW, KANPUR):
            seen = {one.name: (await visitor.get(address(one.path, busy, district))).status for one in OURS}
            of_lucknow = {one.name for one in OURS if one.path.count("{") > 1 or district == LUCKNOW}
            assert {name for name, status in seen.items() if status != 200} == of_lucknow
            assert {seen[name] for name in of_lucknow} == {404}
            for deed in DONE:
                fields = {"csrf": csrf, "once": deed.name, "reason": "x"}
                assert (await visitor.post(address(deed.path, busy, district), fields)).status in (404, 422), deed.name
        for path in LISTS:
            page = await visitor.get(f"/console/district/{KANPUR}{path}")
            assert not re.search(r"P-GOMTI|W-GOMTI|226010|Newcomer|Lucknow", page.text), path

    assert await sellers(network) == ["P-GOMTI"]


async def test_what_an_officer_may_not_name_is_not_done_with_all_its_fields_either(network):
    busy = await a_busy_district(network)
    fields = {
        "reason": "x",
        "number": "N-1",
        "first": "2031-04-01",
        "until": "2033-03-31",
        "new_provider": "P-NEW",
        "service_id": "SM-PLB",
    }
    async with signed_in(network, Role.OFFICER, district=KANPUR) as visitor:
        csrf = (await visitor.get("/console/account")).form("sign-out")[1]["csrf"]
        for deed in DONE:
            given = {name: value for name, value in fields.items() if name in deed.form.model_fields}
            for district in (LUCKNOW, KANPUR):
                where = address(deed.path, busy, district)
                answer = await visitor.post(where, {**given, "csrf": csrf, "once": f"{deed.name}{district}"})
                assert answer.status == 404, (deed.name, district)

    assert await sellers(network) == ["P-GOMTI"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER, Role.ADMIN}))
async def test_other_roles_have_no_district(network, role):
    async with signed_in(network, role, **({"worker_id": "W-GOMTI-1"} if role is Role.WORKER else {})) as visitor:
        statuses = {(await visitor.get(f"{HERE}{path}")).status for path in LISTS}
        districts = await visitor.get("/console/districts")

    assert statuses == {403}
    assert districts.status == 403


async def test_an_officer_has_no_list_of_districts_and_an_administrator_has_all_of_them(network):
    await a_busy_district(network)
    async with signed_in(network, Role.OFFICER) as visitor:
        assert (await visitor.get("/console/districts")).status == 403
    async with signed_in(network, Role.ADMIN) as visitor:
        page = await visitor.get("/console/districts")
        found = re.findall(r'href="(/console/district/\d+)"', page.text)
        assert len(found) == 75
        assert "Lucknow 5 5 17 18 15" in page.words
        assert {(await visitor.get(f"/console/district/{KANPUR}{path}")).status for path in LISTS} == {200}
        assert (await visitor.get("/console/district/999")).status == 404
