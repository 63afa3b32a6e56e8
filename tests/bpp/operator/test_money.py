"""Money over the operator API: from a completed booking to the bank's file, and every refusal on the way."""

from __future__ import annotations

import csv
import io
from typing import Any

from bpp.operator import money
from bpp.operator.app import BASE_PATH
from bpp.parties.vault import Sealed
from bpp.storage.ports_parties import SealedDetails
from tests.bpp.operator.conftest import ACCOUNTANT, BUYER, ENGINEER, OPERATOR

DAYS = "from=2026-11-23&until=2026-11-23"
PROVIDER = "P-GOMTI"
STATEMENT = f"/wallets/provider/{PROVIDER}/statement"


async def asked(desk, method, path, body=None, *, as_=ACCOUNTANT, key=""):
    status, answer = await desk.call(method, path, body, as_=as_, key=key)
    return status, answer


async def done(desk, method, path, body=None, **more):
    status, answer = await asked(desk, method, path, body, **more)
    assert status < 300, answer
    return answer


async def refused(desk, method, path, body=None, **more):
    status, answer = await asked(desk, method, path, body, **more)
    assert status >= 400, answer
    return status, answer["error"]["code"], answer["error"]["path"]


async def file(desk, path, as_=ACCOUNTANT):
    async with desk.client.get(f"{BASE_PATH}{path}", headers={"Authorization": f"Bearer {as_}"}) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "text/csv"
        return list(csv.DictReader(io.StringIO(await response.text())))


async def completed(desk):
    """An order that the buyer app collected 199.00 for, done."""
    order = await desk.started()
    for name, more in (("start", {"otp": await desk.otp(order)}), ("complete", {})):
        status, answer = await desk.event(order, name, **more)
        assert status == 200, answer
    desk.clock.tick(minutes=1)
    return order


async def test_a_completed_booking_is_settled_paid_out_and_explained_to_the_paisa(desk):
    order = await completed(desk)
    books = await done(desk, "GET", f"/orders/{order.ref}/ledger", as_=OPERATOR)
    assert {one["part"].partition(":")[0] for one in books["postings"]} >= {"payment", "visit"}
    assert all(sum(_paise(line) for line in one["lines"]) == 0 for one in books["postings"])
    (wallet,) = [one for one in (await done(desk, "GET", "/wallets"))["items"] if one["id"] == PROVIDER]
    assert not wallet["balance"].startswith("-")

    run = await done(desk, "POST", "/payouts", {"id": "nov-1"})
    assert (run["state"], run["wallets"], run["recorded_by"].partition(":")[0]) == ("paid", 1, "accountant")
    assert run["paid"] == wallet["balance"]
    assert (await done(desk, "POST", "/payouts", {"id": "nov-1"}))["lines"] == run["lines"]
    assert (await done(desk, "POST", "/payouts", {"id": "nov-2"}))["wallets"] == 0
    assert [one["id"] for one in (await done(desk, "GET", "/payouts"))["items"]] == ["nov-2", "nov-1"]
    (transfer,) = await file(desk, "/payouts/nov-1/transfers.csv")
    assert (transfer["party_id"], transfer["amount"], transfer["account"]) == (PROVIDER, wallet["balance"], "")
    bank = {"beneficiary": "Demo Holder", "account": "123456789012", "ifsc": "DEMO0123456"}
    await done(desk, "PUT", f"/providers/{PROVIDER}/bank", bank)
    (transfer,) = await file(desk, "/payouts/nov-1/transfers.csv")
    assert {name: transfer[name] for name in bank} == bank
    _, noted = await desk.call("GET", "/audit/reads?kind=bank")
    assert [one["subject"] for one in noted["items"]] == [f"provider:{PROVIDER}"]

    statement = await done(desk, "GET", f"{STATEMENT}?{DAYS}")
    assert (statement["opening"], statement["closing"]) == ("0.00", "0.00")
    assert [(one["words"], one["debit"], one["credit"], one["balance"]) for one in statement["entries"]] == [
        ("Work done", "0.00", wallet["balance"], wallet["balance"]),
        ("Paid to the bank account", wallet["balance"], "0.00", "0.00"),
    ]
    assert statement["entries"][0]["words_hi"] == "काम पूरा हुआ"
    assert statement["entries"][0]["ref"] == order.ref
    rows = await file(desk, f"{STATEMENT}.csv?{DAYS}")
    assert [one["balance"] for one in rows] == ["0.00", wallet["balance"], "0.00", "0.00"]


def _paise(line):
    return round(float(line["debit"]) * 100) - round(float(line["credit"]) * 100)


async def test_a_transfer_that_failed_is_taken_back_once_and_paid_by_the_next_run(desk):
    await completed(desk)
    run = await done(desk, "POST", "/payouts", {"id": "one"})
    failure = {"party": "provider", "party_id": PROVIDER, "reason": "account closed"}
    for _ in range(2):
        failed = await done(desk, "POST", "/payouts/one/failures", failure)
        assert (failed["state"], failed["paid"], failed["failed"]) == ("failed", "0.00", run["paid"])
    assert await file(desk, "/payouts/one/transfers.csv") == []
    assert (await done(desk, "GET", "/payouts/one")) == failed
    desk.clock.tick(minutes=1)
    assert (await done(desk, "POST", "/payouts", {"id": "two"}))["paid"] == run["paid"]
    statement = await done(desk, "GET", f"{STATEMENT}?{DAYS}")
    assert [one["words"] for one in statement["entries"]][2] == "Taken back: Paid to the bank account"
    assert statement["closing"] == "0.00"


async def test_wallets_below_the_minimum_wait(desk):
    await completed(desk)

    assert (await done(desk, "POST", "/payouts", {"id": "one", "minimum": "5000"}))["wallets"] == 0
    assert (await done(desk, "POST", "/payouts", {"id": "two", "minimum": "100"}))["wallets"] == 1


async def test_what_is_owed_after_the_moment_of_a_run_is_left_for_the_next(desk):
    early = {"id": "early", "until": "2026-11-23T03:30:00Z"}
    await completed(desk)

    assert (await done(desk, "POST", "/payouts", early))["wallets"] == 0
    assert await refused(desk, "POST", "/payouts", {**early, "until": "2026-11-23T03:31:00Z"}) == (
        409,
        "payout_refused",
        "id",
    )
    assert await refused(desk, "POST", "/payouts", {"id": "late", "until": "2027-01-01T00:00:00Z"}) == (
        409,
        "payout_refused",
        "until",
    )


async def test_a_run_that_cannot_be_is_refused_with_its_field(desk):
    for body, path in (
        ({"id": "a run"}, "id"),
        ({}, "id"),
        ({"id": "one", "until": "2026-11-23T03:30:00"}, "until"),
        ({"id": "one", "minimum": "-1"}, "minimum"),
        ({"id": "one", "maximum": "1"}, "maximum"),
    ):
        assert await refused(desk, "POST", "/payouts", body) == (422, "invalid", path)
    assert (await done(desk, "GET", "/payouts"))["items"] == []


async def test_a_buyer_app_settles_what_it_collected_and_never_more(desk):
    await completed(desk)
    settlement = {"kind": "buyer_app_settlement", "payer": BUYER, "reference": "UTR1", "amount": "199.00"}
    assert await refused(desk, "POST", "/receipts", {**settlement, "amount": "199.01"}) == (
        409,
        "receipt_refused",
        "amount",
    )
    assert await refused(desk, "POST", "/receipts", {**settlement, "amount": "198.00", "finder_fee": "1.00"}) == (
        409,
        "receipt_refused",
        "finder_fee",
    )
    receipt = await done(desk, "POST", "/receipts", settlement)
    assert receipt["recorded_by"].startswith("accountant:")
    desk.clock.tick(minutes=1)
    assert await done(desk, "POST", "/receipts", settlement) == receipt
    assert await refused(desk, "POST", "/receipts", {**settlement, "amount": "1.00"}) == (
        409,
        "receipt_refused",
        "reference",
    )
    assert (await done(desk, "GET", f"/receipts?{DAYS}"))["items"] == [receipt]
    assert (await done(desk, "GET", f"/receipts?{DAYS}&kind=tax_payment"))["items"] == []
    balances = await done(desk, "GET", "/balances")
    assert balances["debit"] == balances["credit"]
    assert ("samiti", "bank", "199.00") in {
        (one["party"], one["purpose"], one["debit"]) for one in balances["accounts"]
    }
    assert (await done(desk, "GET", "/balances?until=2026-11-22"))["accounts"] == []


async def test_taxes_reports_and_reconciliation_come_from_the_same_lines(desk):
    order = await completed(desk)
    tax = await done(desk, "GET", f"/reports/tax?{DAYS}")
    (row,) = tax["items"]
    assert (row["provider_id"], row["bookings"], row["gross"]) == (PROVIDER, 1, "199.00")
    assert row == {**(await file(desk, f"/reports/tax.csv?{DAYS}"))[0], "bookings": 1}
    commission = await done(desk, "GET", f"/reports/commission?{DAYS}")
    assert [(one["booked_on"], one["rate"], one["commission"]) for one in commission["items"]] == [
        ("2026-11-23", "0", "0.00")
    ]
    assert len(await file(desk, f"/reports/commission.csv?{DAYS}")) == 1
    found = await done(desk, "GET", f"/reconciliation?{DAYS}")
    assert found["completed_no_money_seen"] == []
    assert found["wallet_credit_without_booking"] == []
    assert found["commission_due_not_received"] == []
    assert (found["totals"]["bookings"], found["totals"]["gross"], found["totals"]["online"]) == (1, "199.00", "199.00")
    (booking,) = await file(desk, f"/reconciliation/bookings.csv?{DAYS}")
    assert (booking["ref"], booking["collected_by"], booking["mode"], booking["missing"]) == (
        order.ref,
        "BAP",
        "online",
        "0.00",
    )
    if tax["tds"] != "0.00":
        paid = {"kind": "tax_payment", "payer": "tds", "reference": "CHALLAN1", "amount": tax["tds"]}
        await done(desk, "POST", "/receipts", paid)
        again = {**paid, "reference": "CHALLAN2"}
        assert await refused(desk, "POST", "/receipts", again) == (409, "receipt_refused", "amount")


async def test_a_rate_added_for_today_holds_for_the_bookings_after_it(desk):
    before = await desk.booked()
    added = await done(desk, "POST", "/rates", {"name": "commission", "valid_from": "2026-11-23", "value": "10"})
    assert [one["value"] for one in added["items"]] == ["10", "0", "10"]
    assert await done(desk, "GET", "/rates?name=commission&on=2026-11-23") == {"items": [added["items"][-1]]}
    after = await completed(desk)
    (row,) = (await done(desk, "GET", f"/reports/commission?{DAYS}"))["items"]
    assert (row["rate"], row["commission"], row["gst"]) == ("10", "16.86", "3.03")
    assert before.ref != after.ref


BAD_RATES = [
    ({"name": "luck", "valid_from": "2026-12-01", "value": "1"}, "name"),
    ({"name": "commission", "valid_from": "2026-11-22", "value": "1"}, "valid_from"),
    ({"name": "commission", "valid_from": "soon", "value": "1"}, "valid_from"),
    ({"name": "commission", "valid_from": "2026-12-01", "value": "101"}, "value"),
    ({"name": "commission", "valid_from": "2026-12-01", "value": "1", "base": "half"}, "base"),
]


async def test_a_rate_that_cannot_be_is_refused_with_its_field(desk):
    for body, path in BAD_RATES:
        assert await refused(desk, "POST", "/rates", body) == (422, "invalid", path)


BAD_RECEIPTS: list[tuple[dict[str, Any], int, str]] = [
    ({"kind": "provider_payment", "payer": "P-NOBODY", "amount": "1.00"}, 409, "payer"),
    ({"kind": "consumer_refund", "payer": "no-order", "amount": "1.00"}, 409, "payer"),
    ({"kind": "cash_handover", "payer": "W1", "provider_id": PROVIDER, "amount": "1.00"}, 409, "amount"),
    ({"kind": "network_fee_payment", "amount": "1.00"}, 409, "amount"),
    ({"kind": "tax_payment", "payer": "wealth", "amount": "1.00"}, 422, "payer"),
    ({"kind": "gift", "payer": "x", "amount": "1.00"}, 422, "kind"),
    ({"kind": "provider_payment", "payer": PROVIDER, "amount": "0.00"}, 422, "amount"),
    ({"kind": "provider_payment", "payer": PROVIDER, "amount": "-5"}, 422, "amount"),
    ({"kind": "provider_payment", "payer": PROVIDER, "amount": "1.001"}, 422, "amount"),
    ({"kind": "provider_payment", "payer": PROVIDER, "amount": 1}, 422, "amount"),
    ({"kind": "provider_payment", "payer": PROVIDER, "amount": "1.00", "reference": " "}, 422, "reference"),
]


async def test_a_receipt_that_cannot_be_is_refused_and_leaves_nothing(desk):
    for receipt, status, path in BAD_RECEIPTS:
        found = await refused(desk, "POST", "/receipts", {"reference": "R1", **receipt})
        assert (found[0], found[2]) == (status, path), receipt

    assert (await done(desk, "GET", f"/receipts?{DAYS}"))["items"] == []
    assert (await done(desk, "GET", "/balances"))["accounts"] == []


async def test_what_is_not_there_is_404_and_a_period_must_be_one(desk):
    assert (await refused(desk, "GET", f"/wallets/consumer/X/statement?{DAYS}"))[0] == 404
    assert (await refused(desk, "GET", "/payouts/none"))[0] == 404
    assert (await refused(desk, "GET", "/orders/none/ledger"))[0] == 404
    failure = {"party": "worker", "party_id": "W", "reason": "x"}
    assert (await refused(desk, "POST", "/payouts/none/failures", failure))[0] == 404
    await done(desk, "POST", "/payouts", {"id": "none"})
    assert (await refused(desk, "POST", "/payouts/none/failures", failure))[2] == "party_id"
    assert await refused(desk, "GET", "/reconciliation?from=2026-11-23&until=2026-11-22") == (422, "invalid", "until")
    assert await refused(desk, "GET", "/reconciliation?from=today&until=2026-11-22") == (422, "invalid", "from")


async def test_a_wallet_nobody_used_has_an_empty_statement(desk):
    found = await done(desk, "GET", f"/wallets/worker/W-NEW/statement?{DAYS}")

    assert (found["opening"], found["entries"], found["closing"]) == ("0.00", [], "0.00")


async def test_money_is_for_the_accountant_and_one_orders_lines_for_the_operator_too(desk):
    for route in money.ROUTES:
        path = route.path.format(ref="X", party="provider", id="X")
        for caller in (ENGINEER, OPERATOR):
            status, _ = await desk.call(route.method, path, {} if route.writes else None, as_=caller)
            may = caller == OPERATOR and route.name == "get-order-ledger"
            assert status == (404 if may else 403), route.name


async def test_an_order_shows_its_postings_as_the_books_do_and_to_the_same_roles(desk):
    order = await completed(desk)
    books = await done(desk, "GET", f"/orders/{order.ref}/ledger", as_=OPERATOR)

    for caller in (OPERATOR, ACCOUNTANT):
        assert (await done(desk, "GET", f"/orders/{order.ref}", as_=caller))["ledger"] == books["postings"] != []
    assert (await done(desk, "GET", f"/orders/{order.ref}", as_=ENGINEER))["ledger"] == []


async def test_bank_details_that_do_not_open_are_named_where_a_transfer_needs_them(desk):
    await completed(desk)
    await done(desk, "POST", "/payouts", {"id": "one"})
    broken = Sealed(desk.context.settings.data_key.id, bytes(40))
    details = SealedDetails(party="provider", party_id=PROVIDER, sealed=broken)
    await desk.storage.run(lambda work: work.parties.put_bank(details, desk.clock()))

    status, answer = await asked(desk, "GET", "/payouts/one/transfers.csv")

    assert (status, answer["error"]["code"]) == (500, "seal_broken")
    assert PROVIDER in answer["error"]["message"]
