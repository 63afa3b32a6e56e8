"""Faults of context, ids and time: what ``checks/context.py`` and ``checks/ids.py`` must find.

Most are planted in the answer to a search whose bap_uri ends in a slash, which nothing else is built upon.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from bpp.sandbox.moments import wire_time
from tests.conformance.faulty_seller import Json, Story
from tests.conformance.planted import Change, Changes, Planted, Sends, in_state, says
from tests.support.network import moment


def to_a_slash(document: Json) -> bool:
    """Whether a callback answers the search whose bap_uri ends in a slash."""
    return str(document["context"]["bap_uri"]).endswith("/")


def _shifted(by: timedelta) -> Change:
    """A timestamp that is so much later than the one that it has."""
    return lambda document, story: says("context.timestamp", wire_time(moment(document["context"]["timestamp"]) + by))(
        document, story
    )


def _id_of_confirm(document: Json, story: Story) -> Json:
    return says("context.message_id", story.request("confirm")["context"]["message_id"])(document, story) or {}


def _one_id(document: Json, story: Story) -> Json:
    return says("context.message_id", document["context"]["transaction_id"])(document, story) or {}


def _row(name: str, check: str, change: Change) -> Planted:
    seller = Changes("on_search", change, where=to_a_slash)
    return Planted(name=name, check=check, seller=seller, scenario="callback_address", patience=0.5)


def _later(
    name: str, check: str, change: Change, *, action: str = "on_select", patience: float | None = None
) -> Planted:
    return Planted(name=name, check=check, seller=Changes(action, change), patience=patience)


PLANTED: tuple[Planted, ...] = (
    _row("another city", "context_echo", says("context.location.city.code", "std:080")),
    _row("another domain", "context_echo", says("context.domain", "ONDC:SRV13")),
    _row("another bap_uri", "context_echo", says("context.bap_uri", "http://127.0.0.1:1/bap/")),
    _row("version of retail", "context_version", says("context.version", "1.2.0")),
    _row("ttl of an example", "context_ttl", says("context.ttl", "P30S")),
    _row("action of the request", "context_action", says("context.action", "search")),
    _row("bpp_uri with another path", "context_registered", says("context.bpp_uri", "https://elsewhere.example/bpp")),
    _row("unregistered bpp_id", "context_registered", says("context.bpp_id", "unknown.example")),
    _later("bpp_uri that changes", "context_seller", says("context.bpp_uri", "https://elsewhere.example/bpp")),
    Planted(
        name="bpp_uri that changes unasked",
        check="context_seller",
        seller=Changes("on_status", says("context.bpp_uri", "https://elsewhere.example"), where=in_state("In-Transit")),
    ),
    _row("time of India", "context_timestamp", says("context.timestamp", "2026-11-23T09:00:30.000+05:30")),
    _row("time without milliseconds", "context_timestamp", says("context.timestamp", "2026-11-23T03:30:30Z")),
    _row("clock behind", "timestamp_after_request", _shifted(timedelta(seconds=-60))),
    _row("stamped when asked again", "timestamp_within_ttl", _shifted(timedelta(seconds=40))),
    _row("clock ahead", "timestamp_not_ahead", _shifted(timedelta(seconds=20))),
    Planted(
        name="message_id of confirm used again",
        check="unsolicited_message_id",
        seller=Changes("on_status", _id_of_confirm, where=in_state("In-Transit")),
    ),
    _row("message_id of nobody", "answer_message_id", says("context.message_id", str(uuid4()))),
    _later(
        "status under an id of its own",
        "answer_message_id",
        says("context.message_id", str(uuid4())),
        action="on_status",
        patience=0.5,
    ),
    _row("transaction_id of nobody", "known_transaction", says("context.transaction_id", str(uuid4()))),
    _row("one id for two", "two_ids", _one_id),
    Planted(
        name="late callback",
        check="callback_in_time",
        seller=Sends(to_a_slash, delay=0.5),
        scenario="callback_address",
        budget=0.4,
    ),
)
