"""Providers and workers as the network sees them: suspended, lapsed, engaged, by district, and who comes to the door."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bpp.sandbox import journey
from bpp.sandbox.messages import search_message, select_message
from bpp.sandbox.offers import read_offers
from tests.flows.test_search import found_by, names
from tests.support.network import Network, moment, otp_of, start_stop

IST = ZoneInfo("Asia/Kolkata")
MONDAY = date(2026, 11, 23)


async def sellers(network: Network, words: str) -> list[str]:
    return names(await found_by(network, search_message(words=words, place=network.place)))


async def stands(network: Network, provider: str, event: str, **more: str) -> None:
    status, answer = await network.call("POST", f"/providers/{provider}/events", {"event": event, **more})
    assert status == 200, answer


async def days_on_offer(network: Network, words: str) -> list[date]:
    found = (await journey.search(network.buyer, words=words, place=network.place)).callback
    return sorted({start.astimezone(IST).date() for one in read_offers(found.message) for start in one.starts})


async def test_a_suspended_provider_is_gone_at_the_next_search_while_its_orders_go_on(network: Network) -> None:
    confirmed = await network.booked()
    ready = await network.initialised(slot=3)

    await stands(network, "P-GOMTI", "suspend", reason="complaints of a district")

    assert await sellers(network, "tap repair") == []
    with pytest.raises(journey.Refused, match="30017"):
        await journey.confirm(network.buyer, ready)

    start = moment(start_stop(confirmed)["time"]["range"]["start"]) + timedelta(days=1)
    moved = await network.pushed(confirmed, "reschedule", start=start.isoformat(), on_behalf_of="seller")
    assert moment(start_stop(moved)["time"]["range"]["start"]) == start
    await network.pushed(confirmed, "depart")
    arrived = await network.pushed(confirmed, "arrive")
    await network.pushed(confirmed, "start", otp=otp_of(arrived))
    done = await network.pushed(confirmed, "complete")
    assert done.order["status"] == "COMPLETED"

    await stands(network, "P-GOMTI", "restore", reason="cleared")
    assert await sellers(network, "tap repair") == ["P-GOMTI"]


async def test_a_lapsed_agreement_takes_a_provider_out_and_a_renewal_brings_it_back(network: Network) -> None:
    await network.call("PATCH", "/providers/P-GOMTI", {"agreement_until": "2026-11-24"})
    network.clock.set(datetime.combine(MONDAY + timedelta(2), time(0, 1), IST))
    assert await sellers(network, "tap repair") == []

    await stands(network, "P-GOMTI", "renew", number="A-2", first="2026-11-25", until="2028-11-24")

    assert await sellers(network, "tap repair") == ["P-GOMTI"]


async def test_an_engaged_worker_is_gone_for_the_days_of_the_contract_and_comes_back_by_himself(
    network: Network,
) -> None:
    last = MONDAY + timedelta(8)
    contract = {"id": "E1", "mode": "industry", "employer": "Demo Works", "first": str(MONDAY), "last": str(last)}
    found, offers = await network.offers("wall painting")
    chosen = select_message(offers[0], offers[0].starts[0], network.place)

    status, answer = await network.call("POST", "/workers/W-INDIRA-1/engagements", contract)
    assert status == 200, answer
    assert await sellers(network, "wall painting") == []
    selected = await journey.ask(
        network.buyer,
        "select",
        chosen,
        transaction_id=found.transaction_id,
        context=journey.following(found),
    )
    assert selected.callback.error["code"] == "90001"

    network.clock.set(datetime.combine(last, time(10), IST))
    assert min(await days_on_offer(network, "wall painting")) == last + timedelta(1)
    network.clock.set(datetime.combine(last - timedelta(2), time(8), IST))
    status, answer = await network.call("POST", "/workers/W-INDIRA-1/engagements/E1/end", {"by": "employer"})
    assert status == 200, answer
    assert min(await days_on_offer(network, "wall painting")) == last - timedelta(2)


async def test_a_worker_who_switches_off_is_offered_no_more_until_he_switches_on(network: Network) -> None:
    for available, expected in ((False, []), (True, ["P-INDIRA"])):
        status, _ = await network.call("POST", "/workers/W-INDIRA-1/availability", {"available": available})
        assert status == 200
        assert await sellers(network, "wall painting") == expected


async def test_the_services_chosen_for_a_district_decide_what_is_found_and_selected_there(network: Network) -> None:
    found, offers = await network.offers()
    chosen = select_message(offers[0], offers[0].starts[0], network.place)

    status, answer = await network.call("PATCH", "/providers/P-GOMTI", {"services": {"Lucknow": ["SM-ELC"]}})
    assert status == 200, answer

    assert await sellers(network, "tap repair") == []
    assert await sellers(network, "fan repair") == ["P-GOMTI"]
    selected = await journey.ask(
        network.buyer, "select", chosen, transaction_id=found.transaction_id, context=journey.following(found)
    )
    assert selected.callback.error["code"] == "30009"


async def test_the_customer_sees_photo_and_papers_of_who_comes(network: Network) -> None:
    url = "https://static.example.in/pv.pdf"
    for number in range(1, 5):
        body = {"number": f"PV-{number}", "until": "2031-03-31", "url": url if number != 4 else ""}
        assert (await network.call("POST", f"/workers/W-GOMTI-{number}/verification", body))[0] == 200

    confirmed = await network.booked()
    person = start_stop(confirmed)["person"]
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    number = order["worker_id"].rpartition("-")[2]

    assert person["image"] == {"url": f"https://static.example.in/sewamitra/w-gomti-{number}.png"}
    assert person["creds"][-1] == {"id": f"PV-{number}", "type": "Police verification", "url": url}
