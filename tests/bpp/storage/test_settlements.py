"""Settlements, filings and runs as they are stored: whole, found by what asks for them, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bpp.ledger.chart import BANK, NETWORK_DUE
from bpp.ledger.model import Line, Posting
from bpp.settlement import moves
from bpp.settlement.model import Difference, Due, Entry, Figures, Filing, Kind, Settlement, Side
from bpp.settlement.states import ReconState, SettlementState
from bpp.settlement.terms import new_run
from bpp.storage.ports import OrderEvent
from bpp.storage.ports_settlements import Filed, SettlementFilter
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP

A_DAY = timedelta(days=1)


def one(number: int, **changes: object) -> Settlement:
    """The settlement S<number> of the order R<number>."""
    values: dict[str, object] = {
        "id": f"S{number}",
        "ref": f"R{number}",
        "order_id": f"O{number}",
        "bap_id": BAP,
        "payment_id": "P",
        "number": 1,
        "due": Due(collected_by=Side.BAP, collected=Money(19900), finder_fee=Money(597)),
        "ready_at": NOW,
        "updated_at": NOW,
    }
    return Settlement(**values | changes)  # type: ignore[arg-type]


async def keep(storage, *several):
    for each in several:
        await storage.run(lambda work, each=each: work.settlements.save(each))


async def asked(storage, name, *arguments):
    return await storage.read(lambda work: getattr(work.settlements, name)(*arguments))


async def test_a_settlement_comes_back_as_it_was_with_all_that_was_said_of_it(storage, storages):
    said = one(
        1,
        agreed=Figures(amount=Money(17196), commission=Money(2704)),
        due_date=NOW.date(),
        differences=(Difference(cause="conceded", order_id="O1", field="amount", ours=Money(1), theirs=Money(2)),),
    )
    await keep(storage, one(1), said)

    assert await asked(storages(), "get", "S1") == said
    assert await asked(storage, "get", "S2") is None
    assert await asked(storage, "some", ["S1", "S2"]) == {"S1": said}


async def test_the_settlements_of_an_order_come_oldest_first(storage):
    second = replace(one(0), ref="R1", id="S0", number=2)
    await keep(storage, second, one(1), one(2))

    assert await asked(storage, "of_order", "R1") == [one(1), second]


async def test_what_is_open_comes_page_by_page_each_buyer_apps_together(storage):
    other = one(1, bap_id="another.example.in")
    settled = one(3, state=SettlementState.SETTLED)
    compared = one(4, state=SettlementState.SETTLED, recon=ReconState.SENT_PENDING)
    later = one(5, ready_at=NOW + A_DAY)
    await keep(storage, other, one(2), settled, compared, later)

    assert await asked(storage, "to_follow", "", 2) == [other, one(2)]
    assert await asked(storage, "to_follow", "S2", 9) == [compared, later]
    assert await asked(storage, "to_file", NOW, "", 9) == [other, one(2)]
    assert await asked(storage, "to_file", NOW, "S1", 9) == [one(2)]
    assert await asked(storage, "counts") == {
        ("PREPARED", "INACTIVE"): 3,
        ("SETTLED", "INACTIVE"): 1,
        ("SETTLED", "SENT_PENDING"): 1,
    }


async def test_lists_are_filtered_and_go_on_where_the_page_before_ended(storage):
    late, early, done = one(1, ready_at=NOW + A_DAY), one(2), one(3, state=SettlementState.SETTLED)
    await keep(storage, late, early, done)

    assert await asked(storage, "find", SettlementFilter(limit=2)) == [late, early]
    assert await asked(storage, "find", SettlementFilter(after="S2")) == [done]
    assert await asked(storage, "find", SettlementFilter(open=True)) == [late, early]
    assert await asked(storage, "find", SettlementFilter(state=SettlementState.SETTLED, bap_id=BAP)) == [done]
    assert await asked(storage, "find", SettlementFilter(order_ref="R2", recon=ReconState.INACTIVE)) == [early]


async def test_a_message_finds_what_it_is_about_and_for_recons_only_the_buyer_apps_own(storage):
    filing = Filing(
        kind=Kind.NP_NP,
        transaction_id="T",
        message_id="M",
        at=NOW,
        wire_id="W",
        bap_id=BAP,
        entries=(Entry(own=Money(1), settlement="S1", order_id="O1"),),
    )
    filed, compared = moves.filed(one(1), filing), moves.asked(one(2), "C", NOW)
    await keep(storage, filed, compared)
    await storage.run(lambda work: work.settlements.add_filing(filing, "agency.example.in"))

    assert await asked(storage, "of_filing", "M") == [filed]
    assert await asked(storage, "of_recon", BAP, "C") == [compared]
    assert await asked(storage, "of_recon", "another.example.in", "C") == []
    known = Filed(filing=filing, agency="agency.example.in")
    assert await asked(storage, "filing", "M") == known
    assert await asked(storage, "filings_of", "T", "agency.example.in") == [known]
    assert await asked(storage, "filings_of", "T", "another.example.in") == []
    assert await asked(storage, "filings_of", "T", None) == await asked(storage, "filed", NOW, NOW + A_DAY) == [known]
    reported = replace(known, filing=replace(filing, reports=("R",)), answered_at=NOW, answer="SETTLED")
    await storage.run(lambda work: work.settlements.save_filing(reported))
    assert await asked(storage, "filing", "M") == reported


async def test_settles_of_no_order_that_no_agency_has_answered_are_found(storage):
    async def add(message_id, kind=Kind.MISC, agency="agency.example.in", at=NOW, answered_at=None):
        filing = Filing(kind=kind, transaction_id="T", message_id=message_id, at=at)
        await storage.run(lambda work: work.settlements.add_filing(filing, agency))
        await storage.run(
            lambda work: work.settlements.save_filing(Filed(filing=filing, agency=agency, answered_at=answered_at))
        )

    await add("M2", Kind.NIL)
    await add("M1")
    await add("order", Kind.NP_NP)
    await add("file", agency="")
    await add("answered", answered_at=NOW)
    await add("old", at=NOW - A_DAY)

    found = await asked(storage, "unanswered", NOW)
    assert [one.filing.message_id for one in found] == ["M1", "M2"]


async def test_orders_that_moved_since_a_run_looks_come_once_each_and_in_order(storage):
    async def post(number, ref, at):
        lines = (Line(BANK, Money(1)), Line(NETWORK_DUE, Money(-1)))
        posting = Posting(id=f"P{number}", at=at, ref=ref, part="part", memo="", lines=lines)
        await storage.run(lambda work: work.ledger.post(posting))

    for number, (ref, at) in enumerate([("R2", NOW), ("R1", NOW), ("R2", NOW), ("R0", NOW - A_DAY), ("", NOW)]):
        await post(number, ref, at)

    await storage.run(lambda work: work.orders.record(an_event("R3")))
    first = new_run(None, "1", NOW, await asked(storage, "newest_event"))
    assert await asked(storage, "moved", first, 9) == ["R0", "R1", "R2", "R3"]
    assert await asked(storage, "moved", replace(first, after="R1"), 1) == ["R2"]
    assert await asked(storage, "moved", replace(first, since=NOW), 9) == ["R1", "R2", "R3"]
    assert await asked(storage, "moved", replace(first, since=NOW, after_event=first.last_event), 9) == ["R1", "R2"]


def an_event(ref: str) -> OrderEvent:
    """A step in an order's life."""
    return OrderEvent(
        at=NOW, ref=ref, fulfillment_id="F1", event="cancel", actor="system", source="PENDING", target="CANCELLED"
    )


async def test_the_newest_run_is_gone_on_with(storage):
    assert await asked(storage, "last_run") is None
    first = new_run(None, "1", NOW, 0)
    second = replace(new_run(first, "2", NOW + A_DAY, 0), stage="file", after="S1", prepared=3)
    for run in (second, first):
        await storage.run(lambda work, run=run: work.settlements.save_run(run))

    assert await asked(storage, "last_run") == second
