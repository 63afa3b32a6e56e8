"""What was filed with the settlement agency in a period; the agency's files; and payouts of our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bpp.console.language import gettext, msg
from bpp.console.money import network_words as words
from bpp.console.money.fields import Price
from bpp.console.money.network import standing
from bpp.console.money.overview import moments, period_of
from bpp.console.money.periods import Span
from bpp.console.money.tables import Column, Found, Table, rupees_of
from bpp.console.money.words import told
from bpp.console.page import Done, Form, Shown, Upload, Visit, outcome
from bpp.core.world import World
from bpp.operator.files import File
from bpp.operator.problems import UNPROCESSABLE, ApiProblem
from bpp.operator.settlement_models import FilingPage, FilingView, OwnPayoutRequest
from bpp.operator.settlements import get_filed_file, list_filings, post_answers, post_own_payout
from bpp.settlement.files import UnreadableAnswer, read_answers
from bpp.settlement.judge_settle import Said
from bpp.settlement.model import Filing, Kind
from bpp.storage.ports import Work
from catalog.money import total

PATH = "/console/money/filings"


class OwnPayoutForm(Form):
    """What goes to our operating account."""

    amount: Price


@dataclass(frozen=True, slots=True)
class Row:
    """A settle as the operator API shows it, and as it is."""

    view: FilingView
    filing: Filing

    @property
    def amount(self) -> Decimal:
        """What is to be moved by it, whoever pays."""
        own = self.filing.kind is Kind.MISC
        return rupees_of(total(one.own if own else one.inter_participant for one in self.filing.entries))


async def read_filings(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """Every settle of a period, oldest first."""
    content = (await list_filings(visit.call(query=period_of(span)), work, world)).content
    assert isinstance(content, FilingPage)  # noqa: S101  the call gives nothing else
    known = {one.filing.message_id: one.filing for one in await work.settlements.filed(*moments(span))}
    rows = [Row(one, known[one.message_id]) for one in content.items]
    return Found(
        tables=(Table(name="filings", title=msg("Filed in the period"), columns=COLUMNS, rows=rows, sums=True),),
        more={
            **await standing(visit, work, world),
            "nil": world.rules.settlement.nil,
            "file_of": {"from": str(span.first), "until": str(span.last)},
        },
    )


COLUMNS = (
    Column(msg("Filed"), lambda row: row.view.at, "moment"),
    Column(msg("What"), lambda row: told(words.KINDS, row.view.kind)),
    Column(msg("Buyer app"), lambda row: row.filing.bap_id),
    Column(msg("Orders"), lambda row: len(row.filing.entries) if row.filing.bap_id else 0, "count"),
    Column(msg("Moves"), lambda row: row.amount, "money"),
    Column(msg("Agency"), lambda row: row.view.agency or gettext(msg("by file"))),
    Column(msg("Answer"), lambda row: words.answer_in_words(row.view.answer) or gettext(msg("none yet"))),
    Column(msg("Answered"), lambda row: row.view.answered_at, "moment"),
    Column(msg("Settlement id"), lambda row: row.view.settlement_id),
)


async def read_filed_file(visit: Visit, work: Work, world: World) -> Shown:
    """The file for an agency that exchanges files."""
    content = (await get_filed_file(visit.call(query=visit.query), work, world)).content
    assert isinstance(content, File)  # noqa: S101  the call gives nothing else
    return content


async def act_own_payout(visit: Visit, work: Work, world: World) -> Done:
    """File a payout of our own."""
    body = OwnPayoutRequest(amount=visit.form.amount)
    return outcome(await post_own_payout(visit.call(body=body), work, world), PATH)


def read_upload(visit: Visit, world: World) -> Sequence[Said]:
    """The answers in the file that was sent. Raises ApiProblem 422."""
    del world
    upload: Upload | None = visit.uploads.get("file")
    if upload is None or not upload.content:
        raise ApiProblem(UNPROCESSABLE, "no_file", "a file is expected", path="file")
    try:
        return read_answers(upload.content)
    except UnreadableAnswer as problem:
        raise ApiProblem(UNPROCESSABLE, "answers_unreadable", str(problem), path="file") from problem


async def act_answers(visit: Visit, work: Work, world: World) -> Done:
    """Take in the agency's answers, all of them or none."""
    try:
        return outcome(await post_answers(replace(visit.call(), body=visit.prepared), work, world), PATH)
    except ApiProblem as refusal:  # which names a place in a message; here it is the field of a form
        error = refusal.answer.error
        raise ApiProblem(refusal.status, error.code, error.message, path="file") from refusal
