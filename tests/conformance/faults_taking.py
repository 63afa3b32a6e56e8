"""Sellers that refuse what must be taken: the spellings of real buyer apps."""

from __future__ import annotations

from collections.abc import Callable

from beckn_schemas.ack import ack
from tests.conformance.faults_context import to_a_slash
from tests.conformance.faulty_seller import Honest, Incoming, Json, Reply, Story
from tests.conformance.planted import (
    Planted,
    Refuses,
    Sends,
    context_says,
)

SPELT, ADDRESS, AGAIN = "spelt_signatures", "callback_address", "repeated_messages"
ODD, UPDATES, CONFIRMS = "odd_searches", "odd_updates", "confirm_variants"


def _refuses(probe: str, where: Callable[[Incoming], bool], scenario: str = ODD) -> Planted:
    return Planted(name=f"refuses {probe}", check=f"takes_{probe}", seller=Refuses(where), scenario=scenario)


def _intent(fits: Callable[[Json], bool]) -> Callable[[Incoming], bool]:
    return lambda one: one.action == "search" and fits(one.document["message"]["intent"])


def _order(action: str, fits: Callable[[Json], bool]) -> Callable[[Incoming], bool]:
    return lambda one: one.action == action and fits(one.document["message"]["order"])


def _gps(intent: Json) -> str:
    return str(intent["fulfillment"]["stops"][0]["location"]["gps"])


class DedupesByMessageId(Honest):
    """Takes two messages for one where only their message_id is the same: the second is acknowledged and forgotten."""

    def __init__(self, *, callbacks: bool) -> None:
        self._callbacks = callbacks

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK, where another action had that id."""
        earlier = story.callbacks if self._callbacks else story.requests[:-1]
        same = (one["context"].get("message_id") == incoming.document["context"]["message_id"] for one in earlier)
        return Reply(200, ack()) if incoming.action == "update" and any(same) else incoming


PLANTED: tuple[Planted, ...] = (
    Planted(
        name="two slashes",
        check="takes_final_slash",
        seller=Sends(to_a_slash, path="//on_search"),
        scenario=ADDRESS,
        patience=0.5,
    ),
    _refuses("other_host", lambda one: "localhost" in str(one.document["context"]["bap_uri"]), ADDRESS),
    _refuses("ttl_misspelt", context_says("ttl", lambda value: value == "P30S")),
    _refuses("no_ttl", context_says("ttl", lambda value: value is None)),
    _refuses("no_tags", _intent(lambda intent: "tags" not in intent)),
    _refuses("extra_keys", _intent(lambda intent: "unknown" in intent)),
    _refuses("short_gps", _intent(lambda intent: len(_gps(intent).partition(".")[2].partition(",")[0]) == 5)),
    _refuses("query", lambda one: bool(one.query)),
    _refuses("empty_header", lambda one: "environment" in one.headers),
    _refuses("charset", lambda one: "charset" in one.headers["Content-Type"]),
    _refuses(
        "update_target_text",
        lambda one: one.action == "update" and isinstance(one.document["message"]["update_target"], str),
        UPDATES,
    ),
    _refuses(
        "update_target_list",
        lambda one: one.action == "update" and isinstance(one.document["message"]["update_target"], list),
        UPDATES,
    ),
    _refuses("status_title_case", _order("confirm", lambda order: order["status"] == "Accepted"), CONFIRMS),
    _refuses("status_upper_case", _order("confirm", lambda order: order["status"] == "ACCEPTED"), CONFIRMS),
    _refuses("junk_payment", _order("confirm", lambda order: "id" not in order["payments"][-1]), CONFIRMS),
    _refuses(
        "other_location",
        _order("confirm", lambda order: order["provider"]["locations"][0]["id"].count("-") == 4),
        CONFIRMS,
    ),
    _refuses("bare_items", _order("confirm", lambda order: "location_ids" not in order["items"][0]), CONFIRMS),
    _refuses("signature_spaces", lambda one: '", ' in one.authorization, SPELT),
    _refuses("signature_order", lambda one: one.authorization.startswith("Signature signature"), SPELT),
    _refuses("signature_unquoted", lambda one: 'created="' not in one.authorization, SPELT),
    _refuses("signature_more", lambda one: "opaque" in one.authorization, SPELT),
    _refuses("signature_misprint", lambda one: "(created)(expires)" in one.authorization, SPELT),
    _refuses("other_digest", lambda one: "Digest" in one.headers, SPELT),
    _refuses("by_gateway", lambda one: "X-Gateway-Authorization" in one.headers, SPELT),
    _refuses("by_old_gateway", lambda one: one.headers.get("Proxy-Authorization", "").startswith("Sig"), SPELT),
    _refuses("by_proxy", lambda one: one.headers.get("Proxy-Authorization", "").startswith("Basic"), SPELT),
    Planted(
        name="one message_id for confirm and update",
        check="takes_update_reuses_confirm",
        seller=DedupesByMessageId(callbacks=False),
        scenario=AGAIN,
        patience=0.5,
    ),
    Planted(
        name="one message_id for on_update and update",
        check="takes_update_reuses_on_update",
        seller=DedupesByMessageId(callbacks=True),
        scenario="reused_message_id",
        patience=0.5,
    ),
)
