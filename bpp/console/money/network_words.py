"""What the network's states of settlement mean, in words of everyday; each table has a row for every value."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import gettext, msg
from bpp.console.money.words import told
from bpp.console.orders.messages import code_in_words
from bpp.settlement.model import Kind
from bpp.settlement.plan import Follow
from bpp.settlement.states import ReconState, SettlementState

STATES: Mapping[str, str] = {
    SettlementState.PREPARED: msg("To be filed"),
    SettlementState.PENDING: msg("With the agency"),
    SettlementState.NOT_SETTLED: msg("Not settled"),
    SettlementState.IN_RECON: msg("Being compared"),
    SettlementState.SETTLED: msg("Settled"),
}
"""Where a settlement stands with the agency."""
LOOKS: Mapping[str, str] = {SettlementState.SETTLED: "good", SettlementState.NOT_SETTLED: "bad"}
RECONS: Mapping[str, str] = {
    ReconState.INACTIVE: msg("Not compared"),
    ReconState.SENT_PENDING: msg("We asked; the answer is awaited"),
    ReconState.SENT_ACCEPTED: msg("We asked; the buyer app agrees"),
    ReconState.SENT_REJECTED: msg("We asked; the buyer app says otherwise"),
    ReconState.RECEIVED_PENDING: msg("The buyer app asked"),
    ReconState.RECEIVED_ACCEPTED: msg("The buyer app asked; we agree"),
    ReconState.RECEIVED_REJECTED: msg("The buyer app asked; we say otherwise"),
    ReconState.ERROR: msg("We asked; there is no answer"),
}
"""Where the comparison with the buyer app stands."""
FOLLOWS: Mapping[Follow, tuple[str, str]] = {
    Follow.REPORT: (msg("Overdue: the agency is asked once more"), "warn"),
    Follow.RECON: (msg("Is compared with the buyer app"), "warn"),
    Follow.RETRY: (msg("Is filed once more"), "warn"),
    Follow.GIVE_UP_RECON: (msg("Overdue: the buyer app does not answer"), "warn"),
    Follow.GRIEVANCE: (msg("Overdue: a complaint goes to the buyer app"), "bad"),
    Follow.PEOPLE: (msg("Somebody must look at it"), "bad"),
}
"""What is overdue, and what is done about it by itself, within the hour."""
FILED_NEXT = (msg("Due: is filed in the next run"), "warn")
FILED_ON = (msg("Is filed on the day agreed upon"), "")
NOT_YET = (msg("The settlement window is not over"), "")
AGENCY_AWAITED = (msg("The agency's answer is awaited"), "")
APP_AWAITED = (msg("The buyer app's answer is awaited"), "")
APART = (msg("The two sides differ: please decide"), "bad")
COMPLAINED = (msg("A complaint is with the buyer app"), "warn")
OVER = ("", "")
"""What comes next, with the look of its tag."""
FIGURES: Mapping[str, str] = {
    "amount": msg("What moves between the two sides"),
    "commission": msg("Finder fee with GST, which the buyer app keeps"),
    "withholding_amount": msg("Kept back for a time"),
    "tcs": msg("TCS (tax collected at source)"),
    "tds": msg("TDS (income tax deducted at source)"),
}
"""The five amounts that two sides compare."""
FIELDS: Mapping[str, str] = {
    **FIGURES,
    "inter_participant": FIGURES["amount"],
    "settled_amount": FIGURES["amount"],
    "collector": msg("What the collector keeps"),
    "self": msg("What is ours"),
    "provider": msg("What goes to the provider"),
}
"""In what two sides differ; what is none of these is an id of the network."""
KINDS: Mapping[str, str] = {
    Kind.NP_NP: msg("Orders with a buyer app (NP-NP)"),
    Kind.MISC: msg("A payout of our own (MISC)"),
    Kind.NIL: msg("Nothing to settle that day (NIL)"),
}
"""What a settle is about."""
MODES: Mapping[str, str] = {
    "off": msg("Settlement is off: nothing is filed. Comparisons of buyer apps are answered all the same."),
    "messages": msg("Orders are filed with the settlement agency by messages."),
    "files": msg("Orders are filed in files, which somebody takes to the settlement agency."),
}
STAGES: Mapping[str, str] = {
    "prepare": msg("reads the books"),
    "file": msg("files what is due"),
    "follow": msg("follows up what is overdue"),
    "done": msg("is done"),
}
"""What a run is doing."""
REFUSED = msg("Refused")
ANSWERS: Mapping[str, str] = {
    "SETTLED": msg("Settled"),
    "ACCEPTED": msg("Accepted"),
    "NOT_SETTLED": msg("Not settled"),
    "NACK": REFUSED,
}


def answer_in_words(answer: str) -> str:
    """What was answered to a settle (``bpp.core.settlements.answer_of``), as ``SETTLED, NOT_SETTLED 70024``."""
    return "; ".join(map(_one_answer, answer.split(", "))) if answer else ""


def _one_answer(text: str) -> str:
    word, _, code = text.partition(" ")
    if word not in ANSWERS:  # of a settle without orders a code alone
        word, code = "NACK", text
    said = told(ANSWERS, word)
    return f"{said}: {code_in_words(code)} ({code})" if code else said


def field_in_words(field: str) -> str:
    """In what two sides differ."""
    return gettext(FIELDS[field]) if field in FIELDS else field
