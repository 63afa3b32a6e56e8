"""What we support, as sections of facts: each row is read from the table or setting that the program itself goes by.

A section is what a page prints as a table and a program reads as rows; nothing is said here that stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

import isodate

from beckn_schemas.ack import ERROR_CODES, NOT_SENT
from beckn_schemas.context import DEFAULT_TTL
from bpp.actions.execute import ACTIONS
from bpp.actions.schedule import KIND_OF, SCHEDULES
from bpp.actions.update import TARGETS
from bpp.domains.normalize import RULES
from bpp.domains.profile import PROFILES
from bpp.inbound.authenticate import GATEWAY
from bpp.inbound.envelope import MAX_DEPTH
from bpp.inbound.error_table import door, error_classes, meaning
from bpp.keys.model import KeyPair
from bpp.orders.states import HOME_SERVICE, WIRE_CODE, Stage, order_status
from bpp.settings import PREFIX, Settings
from signing.header import ALGORITHM, MAX_LENGTH, SIGNED_HEADERS
from signing.keys import encode_public_key
from signing.signature import BACKDATE, LIFETIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table: ``key`` is its name for programs, ``rows`` as many texts each as there are ``columns``."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFlow:
    """A flow that is proved against us: its messages in order."""

    name: str
    title: str
    steps: tuple[str, ...]


def section(key: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], note: str = "") -> Section:
    """A section whose cells are texts."""
    return Section(
        key=key,
        title=title,
        columns=tuple(columns),
        rows=tuple(tuple(map(str, row)) for row in rows),
        note=note,
    )


def network_sections(settings: Settings, pair: KeyPair, flows: Sequence[ShownFlow]) -> Iterator[Section]:
    """What holds whatever the catalog: who we are, what is spoken, how it is signed, refused and timed."""
    yield _identity(settings, pair)
    yield section("domains", "Domains", ("domain", "version", "name"), _domains())
    yield section("actions", "Actions", ("action", "answered by", "delivery"), _actions(), "All are POST, signed.")
    yield section("update_targets", "Targets of update", ("update_target",), ((one,) for one in sorted(TARGETS)))
    yield section(
        "flows", "Flows", ("flow", "what", "messages"), ((one.name, one.title, "; ".join(one.steps)) for one in flows)
    )
    yield section(
        "states",
        "States of a visit",
        ("from", "event", "to", "who", "fulfillment.state on the wire"),
        ((one.source, one.event, one.target, one.who, WIRE_CODE[one.target]) for one in HOME_SERVICE),
        "What is not listed is refused.",
    )
    yield section(
        "statuses",
        "Status of an order with one visit",
        ("visit stands in", "order.status", "while the provider's word is awaited"),
        ((one, order_status([one], accepted=True), order_status([one], accepted=False)) for one in Stage),
    )
    yield section("signing", "Headers and signing", ("what", "rule"), _signing(settings))
    yield section("limits", "Limits", ("what", "value", "setting"), _limits(settings))
    yield section("timing", "Timing", ("what", "value", "setting"), _timing(settings))
    yield section(
        "delivery",
        "Delivery of callbacks",
        ("kind", "callbacks", "tried again after", "given up after"),
        _schedules(),
        "At least once, the same bytes with a fresh signature.",
    )
    yield section(
        "spellings",
        "Odd spellings that are read",
        ("where", "what", "source in the protocol reference"),
        ((one.path, one.name, one.source) for one in RULES),
        "Everything we send is in the one spelling of the specification, or in the peer's where it shows one.",
    )
    yield section("errors", "Error codes", ("code", "published as", "when", "how it is told"), _errors())
    yield section(
        "errors_not_sent",
        "Error codes that are never sent",
        ("code", "published as", "why"),
        ((code, ERROR_CODES[code].message, why) for code, why in NOT_SENT.items()),
    )


def _identity(settings: Settings, pair: KeyPair) -> Section:
    rows = (
        ("subscriber_id", settings.subscriber_id),
        ("subscriber_uri", settings.subscriber_uri),
        ("unique_key_id", pair.unique_key_id),
        ("signing_public_key", encode_public_key(pair.signing_key)),
        ("environment", settings.env),
        ("legal name", settings.legal_name),
        ("help", f"{settings.support_phone}, {settings.support_email}"),
        ("grievances", f"{settings.gro_name}, {settings.gro_phone}, {settings.gro_email}"),
    )
    return section("identity", "Who we are", ("what", "value"), rows)


def _domains() -> Iterator[tuple[str, str, str]]:
    return ((one.code, one.version, one.name) for one in PROFILES.values())


def _actions() -> Iterator[tuple[str, str, str]]:
    for action in ACTIONS:
        answer = f"on_{action}" if f"on_{action}" in KIND_OF else ""
        yield action, answer, KIND_OF[answer] if answer else "none: it is an answer itself"


def _signing(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "Authorization", f'keyId="subscriber_id|unique_key_id|{ALGORITHM}", algorithm="{ALGORITHM}"'
    yield "headers", f'"{SIGNED_HEADERS}"'
    yield "digest", "BLAKE2b of 64 bytes over the exact body, in base64, named BLAKE-512"
    yield "signing string", "(created): C, (expires): E, digest: BLAKE-512=D; joined by newlines, none at the end"
    yield "signature", "Ed25519 over the signing string as it is, in standard base64"
    yield "created and expires", "Unix seconds; expires is not tolerated past"
    yield "longest header", f"{MAX_LENGTH} characters"
    yield GATEWAY, "verified first where it is there" + ("; a search needs it" if settings.require_gateway else "")
    yield "the sender", "context.bap_id is the subscriber_id of keyId; of on_settle and on_report context.bpp_id is"
    yield "our own", f"created {text_of(BACKDATE)} ago, valid {text_of(LIFETIME)}"


def _limits(settings: Settings) -> Iterator[tuple[str, str, str]]:
    yield _set(settings, "max_body", "longest body in bytes; Content-Type application/json, not compressed")
    yield "deepest nesting", str(MAX_DEPTH), ""
    yield _set(settings, "holds_per_peer", "selections of one buyer app that hold slots at once")
    yield _set(settings, "horizon_days", "days for which slots are offered")
    yield _set(settings, "providers_per_search", "providers in one on_search")
    yield _set(settings, "items_per_provider", "items of a provider in one on_search")
    yield _set(settings, "catalog_bytes", "bytes of one on_search; the providers found last are left out beyond")
    yield _set(settings, "in_flight", "messages that each process works on at once; the next get 503 with Retry-After")
    yield _set(settings, "peer_rate", "signed messages a second of one buyer app to each process; more get 429")
    yield _set(settings, "peer_burst", "signed messages of one buyer app at once")


def _timing(settings: Settings) -> Iterator[tuple[str, str, str]]:
    yield "ttl where none is said", DEFAULT_TTL, ""
    yield _set(settings, "freshness", "messages older than their ttl are refused")
    yield _set(settings, "clock_skew", "how far ahead a sender's clock may be")
    yield _set(settings, "slot_hold", "a selection holds its slot")
    yield _set(settings, "quote_ttl", "a quote is valid")
    yield _set(settings, "accept_window", "a provider that accepts by hand has")
    yield _set(settings, "on_confirm", "on_confirm of such a provider")
    yield _set(settings, "otp_ttl", "a one-time password is valid")
    yield _set(settings, "otp_attempts", "wrong one-time passwords before a supervisor is needed")
    yield _set(settings, "requote_window", "after a visit its work may be quoted for again")
    yield _set(settings, "rating_window", "after the work it may be rated")
    yield _set(settings, "no_slot", "a select without a slot")
    yield _set(settings, "unpaid_confirm", "a confirm may leave unpaid what is due in advance")


def _set(settings: Settings, name: str, what: str) -> tuple[str, str, str]:
    return what, text_of(getattr(settings, name)), f"{PREFIX}{name.upper()}"


def _schedules() -> Iterator[tuple[str, str, str, str]]:
    for kind, plan in SCHEDULES.items():
        answers = [callback for callback, its in KIND_OF.items() if its == kind]
        more = ("unsolicited ones",) if kind == "state" else ()
        yield kind, ", ".join((*answers, *more)), ", ".join(map(text_of, plan.waits)), text_of(plan.window)


def _errors() -> Iterator[tuple[str, str, str, str]]:
    return ((one.code, ERROR_CODES[one.code].message, meaning(one), door(one)) for one in error_classes())


def text_of(value: object) -> str:
    """A setting's value as a person sets it: durations in ISO 8601, yes and no in words."""
    match value:
        case timedelta():
            return str(isodate.duration_isoformat(value))
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def as_json(sections: Iterable[Section], links: Mapping[str, str]) -> dict[str, object]:
    """The sections for programs: rows as objects under the section's key."""
    found = {
        one.key: {
            "title": one.title,
            "note": one.note,
            "rows": [dict(zip(one.columns, row, strict=True)) for row in one.rows],
        }
        for one in sections
    }
    return dict(chain(found.items(), (("links", dict(links)),)))
