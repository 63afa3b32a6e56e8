"""What a decision may know beside its message and the database: one moment, the catalog, our rules and names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bpp.domains.peers import UNCONFIGURED, Dialects
from bpp.issues.clock import DEFAULT, Expectations
from bpp.ledger.rates import RateTable, published
from bpp.parties.vault import NO_KEYS, Vault
from bpp.settlement.terms import Terms
from catalog.snapshot import Catalog

IdSource = Callable[[], str]
SESSION_MARK = "\n"  # between channel and session in the name of who holds a slot; no id of a buyer app has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Times, limits and policies that are settings. ``quote_ttl_text`` is the wire's text of ``quote_ttl``.

    ``requote_window``: how long after a visit its work may be quoted for again. ``unpaid_confirm``: a confirm may leave
    what is due in advance unpaid. ``confirm_at_once``: on_confirm does not wait for a provider that accepts by hand.
    ``offer_slots``: a select without a slot is answered with the free ones instead of a NACK. ``late_grace``: how long
    after a slot's start a worker who has not set off is waited for; None: always. ``own_accept_window``: how long a
    provider's word on an order of our own channels is awaited, where no message waits for it.
    ``catalog_bytes``: what an on_search has at most; the worst of what was found is left out of a larger one.
    ``issue_times``: by when a complaint is answered and resolved where it does not say.
    ``settlement``: how we settle with buyer apps.
    ``rating_window``: how long after the work is done it may be rated, and the rating changed.
    """

    slot_hold: timedelta
    quote_ttl: timedelta
    quote_ttl_text: str
    otp_ttl: timedelta
    otp_attempts: int
    accept_window: timedelta
    horizon_days: int
    holds_per_peer: int
    providers_per_search: int
    items_per_provider: int
    catalog_bytes: int = 1_000_000
    requote_window: timedelta = timedelta(days=7)
    unpaid_confirm: bool = True
    confirm_at_once: bool = False
    offer_slots: bool = False
    late_grace: timedelta | None = None
    holds_per_session: int = 5
    own_accept_window: timedelta = timedelta(minutes=15)
    rating_window: timedelta = timedelta(days=7)
    issue_times: Expectations = DEFAULT
    settlement: Terms = field(default_factory=Terms)

    def most_holds(self, holder: str) -> int:
        """How many slots one holder may hold at once: a buyer app serves many people, a session of ours one."""
        return self.holds_per_session if SESSION_MARK in holder else self.holds_per_peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where our share of a payment is settled to, as it goes into on_init; ``window``: how long after the work."""

    beneficiary: str
    account: str
    ifsc: str
    upi: str
    window: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are on the network and to the buyer; ``officer`` is the grievance officer."""

    subscriber_id: str
    subscriber_uri: str
    legal_name: str
    gstin: str
    support_phone: str
    support_email: str
    account: Account
    officer_name: str = ""
    officer_phone: str = ""
    officer_email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One message, one time: ``now`` is a value, not a clock.

    ``said_at`` is the time of the message itself, which may be a little ahead: nothing before it is offered.
    ``dialects`` says what is configured of how peers spell, ``rates`` what fees and taxes are from which day on;
    ``vault`` seals and opens what is encrypted at rest.
    """

    now: datetime
    new_id: IdSource
    catalog: Catalog
    rules: Rules
    identity: Identity
    otp_secret: bytes
    said_at: datetime | None = None
    dialects: Dialects = UNCONFIGURED
    rates: RateTable = field(default_factory=published)
    vault: Vault = NO_KEYS
