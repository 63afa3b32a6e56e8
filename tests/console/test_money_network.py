"""Settlement with buyer apps on the accountant's pages: what the list says, what one page shows, and what is done."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import get_args

import pytest
from openpyxl import load_workbook

from bpp.console.money import network_words as words
from bpp.console.money.network import Which, comes_next
from bpp.people.model import Role
from bpp.sandbox.exchange import nacked
from bpp.settlement.model import Due, Kind, Side
from bpp.settlement.plan import Follow, Pace
from bpp.settlement.states import ReconState, SettlementState
from bpp.settlement.terms import Mode, Stage
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING
from tests.support.console import signed_in
from tests.support.seeded import seeded_sqlite
from tests.support.settlements_console import OURS, THEIRS, a_settlement, store
from tests.support.settling import ACKED, settling

NETWORK, FILINGS = "/console/money/network", "/console/money/filings"
CONFLICT, UNPROCESSABLE = 409, 422
ANSWERED = "transaction_id,message_id,settlement_id,order_id,status,settled_amount,reference_no,error_code\n"


def rows_of(shown):
    """The rows of a CSV file, headings first."""
    return list(csv.reader(io.StringIO(shown.text.removeprefix("\ufeff"), newline="")))


async def disputed(three):
    """An order of which the buyer app says that its fee is twenty rupees more; the settlement as the API has it."""
    order_id = await three.sold()
    three.books.orders[order_id].fee += 2000
    await three.filed(order_id)
    await three.later()
    asked = await three.network.buyer.next_callback(action="recon")
    assert (await three.on_recon(asked, three.books.answers(asked.document, three.network.clock()))).acked
    return order_id, await three.until(order_id, state="IN_RECON", recon="SENT_REJECTED")


async def test_a_run_is_begun_by_hand_and_the_list_says_what_waits_for_what(three):
    order_id = await three.sold()
    async with signed_in(three.network, Role.ACCOUNTANT) as visitor:
        empty = await visitor.get(NETWORK)
        begun = await visitor.send(empty, "/money/network")
        await three.until(order_id, state="PREPARED")
        listed = await visitor.get(NETWORK)
    await three.filed(order_id, answered=False)
    await three.until(order_id, state="PENDING")
    async with signed_in(three.network, Role.ACCOUNTANT, login="second") as visitor:
        waiting = await visitor.get(f"{NETWORK}?which=PENDING")
        overview = await visitor.get("/console/money")

    assert "No settlement fits." in empty.words
    assert "A run has begun" in begun.words
    assert (
        f"{order_id} Sale buyer.sandbox.example To be filed The settlement window is not over ₹191.96" in listed.words
    )
    assert "The agency&#39;s answer is awaited" in waiting.text
    assert "1 With the agency" in overview.words


async def test_what_both_sides_say_stands_side_by_side_and_theirs_is_accepted_once(three):
    order_id, one = await disputed(three)
    path = f"{NETWORK}/{one['id']}"
    async with signed_in(three.network, Role.ACCOUNTANT) as visitor:
        listed = rows_of(await visitor.get(f"{NETWORK}?table=network&file=csv"))
        page = await visitor.get(path)
        amounts = rows_of(await visitor.get(f"{path}?table=amounts&file=csv"))
        first = await visitor.send(page, "/concede")
        again = await visitor.send(page, "/concede")
        differences = rows_of(await visitor.get(f"{path}?table=differences&file=csv"))
    _, order = await three.filed(order_id)
    await three.until(order_id, state="SETTLED")

    assert listed[1][3:9] == [
        "Being compared", "The two sides differ: please decide", "191.96", "7.04", "171.96", "-20.00",
    ]  # fmt: skip
    assert "nothing is filed before both sides agree" in page.words
    assert [row[1:] for row in amounts[1:3]] == [
        ["191.96", "191.96", "171.96", "-20.00"],
        ["7.04", "7.04", "27.04", "20.00"],
    ]
    assert "We compared with the buyer app what it owes." in page.words
    assert "The buyer app answered our comparison of what it owes." in page.words
    assert "Not settled: The two sides filed different amounts. (70024)" in page.words
    assert "amounts are accepted and will be filed" in first.words
    assert (first.url.path, again.url.path, again.status) == (path, path, 200)
    assert "Accept the buyer app" not in again.words, "there is nothing left to accept"
    assert [row[:4] for row in differences[1:]] == [
        ["We filed the buyer app's amount.", "What moves between the two sides", "191.96", "171.96"],
        ["We filed the buyer app's amount.", "Finder fee with GST, which the buyer app keeps", "7.04", "27.04"],
    ]
    assert order["inter_participant"]["amount"]["value"] == "171.96"


async def test_what_the_agency_refused_is_filed_again_by_one_click_and_one_confirmation(three):
    three.agency.answers["settle"] = (200, nacked("70011").body)
    order_id = await three.sold()
    three.buyer_files(order_id)
    await three.later(24)
    one = await three.until(order_id, state="NOT_SETTLED")
    await three.hears("settle")
    del three.agency.answers["settle"]
    path = f"{NETWORK}/{one['id']}"
    async with signed_in(three.network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(path)
        again = await visitor.send(page, "/retry")
        twice = await visitor.send(page, "/retry")
        await three.later(1 / 60)  # the run that filed it is over: else it would be that one that goes on
        await visitor.send(await visitor.get(NETWORK), "/money/network")

    assert "filed again in the next run" in again.words
    assert (twice.status, "File it again" in twice.words) == (200, False)
    assert await three.answers(await three.hears("settle")) == ACKED
    assert (await three.until(order_id, state="SETTLED"))["attempts"] == 2


async def test_a_comparison_is_asked_for_by_one_click_and_one_confirmation_and_goes_out_once(three):
    order_id = await three.sold()
    async with signed_in(three.network, Role.ACCOUNTANT) as visitor:
        await visitor.send(await visitor.get(NETWORK), "/money/network")
        one = await three.until(order_id, state="PREPARED")
        page = await visitor.get(f"{NETWORK}/{one['id']}")
        stale = await visitor.get(f"{NETWORK}/{one['id']}")
        asked = await visitor.send(page, "/compare")
        again = await visitor.send(page, "/compare")
        refused = await visitor.send(stale, "/compare")
        heard = await three.network.buyer.next_callback(action="recon")
        answer = three.books.answers(heard.document, three.network.clock())
        assert (await three.on_recon(heard, answer)).acked
        await three.until(order_id, recon="SENT_ACCEPTED")
        agreed = await visitor.get(f"{NETWORK}/{one['id']}")

    assert "The buyer app is asked whether it has the same." in asked.words
    assert again.url.path == asked.url.path
    assert refused.status == CONFLICT
    assert "This is not possible as things stand now." in refused.words
    assert len([one for one in three.network.buyer.callbacks if one.action == "recon"]) == 1
    assert "Is filed on the day agreed upon" in agreed.words or "The settlement window is not over" in agreed.words
    assert "We asked; the buyer app agrees" in agreed.words


async def test_a_payout_of_our_own_is_filed_once_however_often_it_is_clicked(three):
    async with signed_in(three.network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(FILINGS)
        wrong = await visitor.send(page, "/own-payouts", amount="a lot")
        nothing = await visitor.send(page, "/own-payouts", amount="0")
        filed = await visitor.send(page, "/own-payouts", amount="₹ 2,000")
        await visitor.send(page, "/own-payouts", amount="₹ 2,000")
        own = await three.hears("settle")
        await three.answers(own)
        table = rows_of(await visitor.get(f"{FILINGS}?table=filings&file=csv"))

    assert (wrong.status, nothing.status) == (UNPROCESSABLE, UNPROCESSABLE)
    assert wrong.form("/own-payouts")[1]["amount"] == "a lot"
    assert "The payout of our own was filed." in filed.words
    assert own["message"]["settlement"]["type"] == "MISC"
    assert [(row[1], row[4], row[6]) for row in table[1:]] == [("A payout of our own (MISC)", "2000.00", "Settled")]


async def test_files_of_the_agency_are_taken_and_given_whole_or_not_at_all(tmp_path, clock):
    async with settling(seeded_sqlite(tmp_path), tmp_path, clock, BPP_SETTLEMENT="files") as three:
        order_id = await three.sold()
        await three.later(24)
        await three.until(order_id, state="PENDING")
        async with signed_in(three.network, Role.ACCOUNTANT) as visitor:
            page = await visitor.get(FILINGS)
            day = three.network.clock().date()
            (head, row) = rows_of(await visitor.get(f"{FILINGS}/file?from={day}&until={day}"))
            filed = dict(zip(head, row, strict=True))
            ids = [filed[name] for name in ("transaction_id", "message_id", "settlement_id")]
            line = ",".join([*ids, order_id, "SETTLED", "191.96", "UTR-7", ""])
            strange = ",".join(["never", *ids[1:], order_id, "SETTLED", "191.96", "UTR-7", ""])

            async def sent(text):
                return await visitor.send(page, "/answers", file=("answers.csv", text.encode()))

            unreadable = await sent("what,is,this\n")
            none = await visitor.send(page, "/answers", file=("answers.csv", b""))
            refused = await sent(f"{ANSWERED}{line}\n{strange}\n")
            before = await three.until(order_id)
            taken = await sent(f"{ANSWERED}{line}\n")
            again = await sent(f"{ANSWERED}{line}\n")
            one = await three.until(order_id, state="SETTLED")
            shown = await visitor.get(f"{NETWORK}/{one['id']}")

        assert filed["inter_participant_amount"] == "191.96"
        assert (unreadable.status, none.status, refused.status) == (UNPROCESSABLE,) * 3
        assert "cannot be read as answers of the agency" in unreadable.words
        assert "line 1" in unreadable.words
        assert "The file answers what was not filed." in refused.words
        assert before["state"] == "PENDING", "all of a file or nothing"
        assert "answers were taken in" in taken.words
        assert again.status == 200
        assert one["reference_no"] == "UTR-7"
        assert "Put into the file for the agency" in shown.words
        assert "answer was read from a file." in shown.text
        assert (await three.balances())["samiti:bank"] == "191.96"


async def test_where_settlement_is_off_it_is_said_and_nothing_is_filed(network):
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(NETWORK)
        filings = await visitor.get(FILINGS)
        token = page.form("language")[1]["csrf"]
        run = await visitor.post(NETWORK, {"csrf": token})
        own = await visitor.post(f"{FILINGS}/own-payouts", {"csrf": token, "amount": "5"})

    assert "Settlement is off" in page.words
    assert "Begin a run now" not in page.words
    assert "File a payout of our own" not in filings.words
    assert (run.status, own.status) == (CONFLICT, CONFLICT)
    assert "Settlement is off (BPP_SETTLEMENT); nothing is filed." in own.words


async def test_a_long_list_is_read_piece_by_piece_and_given_whole_as_a_file(network):
    await store(network, [a_settlement(number) for number in range(1, 121)])
    await store(
        network,
        [
            a_settlement(500, order_id="=1+1", bap_id="other.example", state=SettlementState.PENDING),
            a_settlement(501, order_id="-5", bap_id="other.example", state=SettlementState.SETTLED, settled=Money(5)),
        ],
    )
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        first = await visitor.get(NETWORK)
        second = await visitor.get(after_of(first))
        third = await visitor.get(after_of(second))
        csv_rows = rows_of(await visitor.get(f"{NETWORK}?which=all&table=network&file=csv"))
        others = rows_of(await visitor.get(f"{NETWORK}?which=all&app=other.example&table=network&file=csv"))
        pending = rows_of(await visitor.get(f"{NETWORK}?which=PENDING&table=network&file=csv"))
        nothing = await visitor.get(f"{NETWORK}?cursor=nothing&start=50")
        unknown = await visitor.get(f"{NETWORK}?number=nothing")
        missing = await visitor.get(f"{NETWORK}/nothing")
        async with visitor.session.get(visitor.at(f"{NETWORK}?which=all&table=network&file=xlsx")) as answer:
            sheet = load_workbook(io.BytesIO(await answer.read())).active

    assert ["1 to 50" in first.words, "51 to 100" in second.words, "101 to 121" in third.words] == [True] * 3
    assert "Further rows" not in third.words
    assert len(csv_rows) == 1 + 122
    assert {row[0] for row in others[1:]} == {"'=1+1", "'-5"}
    assert len(pending) == 2
    assert (nothing.status, missing.status) == (200, 404)
    assert "There is no order of this number." in unknown.words
    assert sheet.max_row == 1 + 122
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=1) for cell in row} == {"s"}


def after_of(shown):
    """Where the further rows of a list are."""
    links = (one.split('"')[0] for one in shown.text.split('href="')[1:])
    return next(one.replace("&amp;", "&").partition("#")[0] for one in links if "cursor=" in one)


async def test_nobody_but_accountant_and_administrator_may_do_any_of_it(three):
    _, one = await disputed(three)
    paths = (
        NETWORK,
        f"{NETWORK}/{one['id']}/compare",
        f"{NETWORK}/{one['id']}/concede",
        f"{NETWORK}/{one['id']}/retry",
        f"{FILINGS}/own-payouts",
    )
    for role in (Role.OPERATOR, Role.ENGINEER, Role.PROVIDER, Role.OFFICER):
        async with signed_in(three.network, role) as visitor:
            token = (await visitor.get("/console/account")).form("language")[1]["csrf"]
            done = [(await visitor.post(path, {"csrf": token, "amount": "5"})).status for path in paths]
            assert (role, {*done, (await visitor.get(paths[1].removesuffix("/compare"))).status}) == (role, {403})
    assert (await three.until(one["order_id"]))["state"] == "IN_RECON"


TURNED = Due(collected_by=Side.BAP, collected=Money(-9950))
HOURS = timedelta(hours=1)
NOW = MONDAY_MORNING + 24 * HOURS


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, words.FILED_NEXT),
        ({"ready_at": NOW + HOURS}, words.NOT_YET),
        (
            {"agreed": OURS, "recon": ReconState.SENT_ACCEPTED, "due_date": NOW.date() + timedelta(days=2)},
            words.FILED_ON,
        ),
        ({"recon": ReconState.SENT_PENDING, "recon_at": NOW - HOURS}, words.APP_AWAITED),
        ({"recon": ReconState.SENT_PENDING, "recon_at": NOW - 25 * HOURS}, words.FOLLOWS[Follow.GIVE_UP_RECON]),
        ({"state": SettlementState.PENDING, "filed_at": NOW - HOURS}, words.AGENCY_AWAITED),
        ({"state": SettlementState.PENDING, "filed_at": NOW - 7 * HOURS}, words.FOLLOWS[Follow.REPORT]),
        ({"state": SettlementState.PENDING, "filed_at": NOW - 7 * HOURS, "reports": 3}, words.FOLLOWS[Follow.PEOPLE]),
        ({"state": SettlementState.NOT_SETTLED, "code": "70024"}, words.FOLLOWS[Follow.RECON]),
        ({"state": SettlementState.NOT_SETTLED, "code": "70025"}, words.FOLLOWS[Follow.RETRY]),
        ({"state": SettlementState.IN_RECON, "recon": ReconState.SENT_REJECTED, "counter": THEIRS}, words.APART),
        ({"recon": ReconState.SENT_REJECTED, "counter": THEIRS, "agreed": THEIRS}, words.FILED_NEXT),
        (
            {"state": SettlementState.IN_RECON, "issue_id": "I", "recon": ReconState.ERROR, "recons": 3},
            words.COMPLAINED,
        ),
        ({"number": 2, "due": TURNED}, words.FOLLOWS[Follow.RECON]),
        ({"state": SettlementState.SETTLED, "counter": THEIRS}, words.OVER),
    ],
)
def test_what_comes_next_is_said_of_every_standing(more, expected):
    assert comes_next(a_settlement(**more), NOW, Pace()) == expected


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (words.STATES, set(SettlementState)),
        (words.RECONS, set(ReconState)),
        (words.FOLLOWS, set(Follow)),
        (words.KINDS, set(Kind)),
        (words.MODES, set(get_args(Mode))),
        (words.STAGES, set(get_args(Stage))),
    ],
)
def test_every_value_has_words(table, values):
    assert set(table) == values
    assert set(get_args(Which)) == {"open", *SettlementState, "all"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", ""),
        ("SETTLED, NOT_SETTLED 70024", "Settled; Not settled: The two sides filed different amounts. (70024)"),
        ("NACK 70004", "Refused: Who files is inactive at the agency. (70004)"),
        ("ACCEPTED", "Accepted"),
        ("70003", "Refused: The agency does not know who files. (70003)"),
    ],
)
def test_an_answer_of_the_agency_is_told_in_words(answer, said):
    assert words.answer_in_words(answer) == said
