"""Nothing of an order is shown as a code: every table of words has a row for each value that there is."""

from __future__ import annotations

import ast
from typing import get_args, get_type_hints

import pytest

from beckn_schemas.ack import ERROR_CODES
from beckn_schemas.rsf_codes import RSF_SENT
from bpp.actions.execute import ACTIONS
from bpp.actions.schedule import KIND_OF
from bpp.console.orders import words, words_choice, words_refused
from bpp.core.help import SUPPORT_ASKED
from bpp.core.otp import OTP_TOLD
from bpp.core.papers import Kind as Paper
from bpp.core.pay import Collector
from bpp.core.reassign import ESCALATE
from bpp.delivery.policy import CUT_SHORT
from bpp.delivery.record import KINDS
from bpp.inbound.explain import BODY_STEPS, HEADER_STEPS
from bpp.ledger.model import Party, Purpose
from bpp.orders import choice, reasons
from bpp.orders.model import Channel, Proposal
from bpp.orders.ratings import AGENT, OF_PROVIDER
from bpp.orders.states import Actor, Event, OrderStatus, Stage
from bpp.storage.ports import CallbackState
from catalog.model import PaymentType
from catalog.quote import LineKind
from tests.support.sources import python_sources

NETWORK = "bpp/network/transport.py"
TABLES = {
    "stages": (words.STAGES, set(Stage)),
    "statuses": (words.STATUSES, set(OrderStatus)),
    "channels": (words.CHANNELS, set(get_args(Channel))),
    "events": (words.EVENTS, {*Event, "book", OTP_TOLD, SUPPORT_ASKED, ESCALATE, words.COMPLAINT}),
    "actors": (words.ACTORS, set(Actor)),
    "requests": (words.ASKED, set(ACTIONS)),
    "answers": (words.ANSWERED, {*KIND_OF, "issue", *RSF_SENT}),
    "states of callbacks": (words.CALLBACK_STATES, set(get_args(CallbackState))),
    "payments": (words.PAYMENT_TYPES, set(get_args(PaymentType))),
    "collectors": (words.COLLECTORS, set(get_args(Collector))),
    "papers": (words.PAPERS, set(get_args(Paper))),
    "lines": (words.LINE_KINDS, set(get_args(LineKind))),
    "ratings": (words.RATED, {*OF_PROVIDER, AGENT}),
    "quotations": (words.PROPOSALS, set(get_args(get_type_hints(Proposal)["state"]))),
    "parties": (words.PARTIES, set(Party)),
    "purposes": (words.PURPOSES, set(Purpose)),
    "triggers": (words_choice.TRIGGERS, set(get_args(choice.Trigger))),
    "conditions": (words_choice.PREDICATES, set(choice.WORDS)),
    "reasons": (words_choice.REASONS, set(reasons.REASONS)),
    "error codes": (words_refused.CODES, set(ERROR_CODES)),
    "steps of the door": (words_refused.DOOR, {one.name for one in (*HEADER_STEPS, *BODY_STEPS)}),
}


@pytest.mark.parametrize(("table", "values"), TABLES.values(), ids=TABLES)
def test_every_value_has_words(table, values):
    assert set(table) == values


def test_whatever_can_come_of_an_attempt_has_words():
    source = next(one for one in python_sources("bpp") if one.path == NETWORK)
    reasons_of_transport = {
        word.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason"
        for word in ast.walk(node.value)
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    }

    expected = reasons_of_transport | {CUT_SHORT} | (set(KINDS.values()) - {"unreachable"})
    assert set(words_refused.OUTCOMES) == expected


def test_reasons_that_we_write_down_ourselves_have_words():
    written = {
        word.value
        for source in python_sources("bpp/core")
        for call in ast.walk(source.tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in {"Command", "replace"}
        for argument in call.keywords
        if argument.arg == "reason"
        for word in ast.walk(argument.value)
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    }

    assert written <= set(words_choice.OWN_REASONS)


@pytest.mark.parametrize(
    ("actor", "reason", "told"),
    [
        ("buyer", "012", "not needed any more"),
        ("seller", "011", "the customer cannot be reached"),
        ("buyer", "011", "the customer cannot be reached"),
        ("system", "998", "the order could not be confirmed to the buyer app"),
        ("buyer", "777", "a reason that only the buyer app knows"),
        ("system", "late", "late"),
        ("seller", "the dog bites", ""),
    ],
)
def test_a_reason_is_told_in_words_and_own_words_stay(actor, reason, told):
    assert words_choice.reason_in_words(actor, reason) == told
