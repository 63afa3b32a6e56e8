"""Settlements, filings and runs as the API shows them."""

from __future__ import annotations

from bpp.core.world import World
from bpp.operator.settlement_models import DifferenceView, FiguresView, FilingView, RunView, SettlementView
from bpp.orders.words import Words
from bpp.settlement.amounts import figures_of
from bpp.settlement.codes import CAUSES, CODES
from bpp.settlement.model import Difference, Figures, Settlement
from bpp.settlement.plan import Follow, follow_up, undecided
from bpp.settlement.terms import Run
from bpp.storage.ports_settlements import Filed

NOTHING = Words("", "")
FOR_PEOPLE = frozenset({Follow.PEOPLE, Follow.GRIEVANCE})


def settlement_view(one: Settlement, world: World) -> SettlementView:
    """A settlement with what its code and its differences mean, and whether people must look at it."""
    known = CODES.get(one.code)
    says = known.words if known is not None else NOTHING
    waits = undecided(one) or follow_up(one, world.now, world.rules.settlement.pace) in FOR_PEOPLE
    return SettlementView(
        id=one.id,
        order_ref=one.ref,
        order_id=one.order_id,
        bap_id=one.bap_id,
        number=one.number,
        order=one.order,
        state=one.state,
        recon=one.recon,
        collected_by=one.due.collected_by,
        figures=_figures(figures_of(one)),
        counter=_figures(one.counter) if one.counter is not None else None,
        differences=[_difference(each, one) for each in one.differences],
        ready_at=one.ready_at,
        updated_at=one.updated_at,
        filed_at=one.filed_at,
        due_date=one.due_date,
        settled=str(one.settled),
        reference_no=one.reference_no,
        code=one.code,
        says=says.en,
        says_hi=says.hi,
        attempts=one.attempts,
        issue_id=one.issue_id,
        waits=waits,
    )


def _figures(found: Figures) -> FiguresView:
    return FiguresView.model_validate(found, from_attributes=True)


def _difference(one: Difference, bearer: Settlement) -> DifferenceView:
    says = CAUSES[one.cause]
    return DifferenceView(
        cause=one.cause,
        field=one.field,
        settlement=one.of if one.of != bearer.id else "",
        ours=str(one.ours),
        theirs=str(one.theirs),
        code=one.code,
        says=says.en,
        says_hi=says.hi,
    )


def run_view(run: Run) -> RunView:
    """A run."""
    return RunView.model_validate(run, from_attributes=True)


def filing_view(one: Filed) -> FilingView:
    """A settle that was filed."""
    filing = one.filing
    return FilingView(
        message_id=filing.message_id,
        transaction_id=filing.transaction_id,
        settlement_id=filing.wire_id,
        kind=filing.kind.value,
        agency=one.agency,
        at=filing.at,
        orders=len(filing.entries),
        answered_at=one.answered_at,
        answer=one.answer,
    )
