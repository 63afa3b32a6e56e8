"""What the settings make of the world in which units of work decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from beckn_schemas.rsf_context import Participant
from bpp.core.catalogs import Worlds
from bpp.core.world import Account, Identity, Rules
from bpp.domains.peers import Dialects
from bpp.issues.clock import Expectations
from bpp.parties.vault import Vault
from bpp.settings import Settings
from bpp.settlement.plan import Pace
from bpp.settlement.terms import Terms

Clock = Callable[[], datetime]
IdSource = Callable[[], str]


def worlds_of(settings: Settings, clock: Clock, new_id: IdSource, otp_secret: bytes) -> Worlds:
    """What makes the world of each unit of work, as the settings say."""
    rules = Rules(
        slot_hold=settings.slot_hold,
        quote_ttl=settings.quote_lifetime,
        quote_ttl_text=settings.quote_ttl,
        otp_ttl=settings.otp_ttl,
        otp_attempts=settings.otp_attempts,
        accept_window=settings.accept_window,
        horizon_days=settings.horizon_days,
        holds_per_peer=settings.holds_per_peer,
        providers_per_search=settings.providers_per_search,
        items_per_provider=settings.items_per_provider,
        catalog_bytes=settings.catalog_bytes,
        requote_window=settings.requote_window,
        late_grace=settings.late_grace,
        unpaid_confirm=settings.unpaid_confirm,
        confirm_at_once=settings.on_confirm == "at_once",
        offer_slots=settings.no_slot == "offer",
        holds_per_session=settings.holds_per_session,
        own_accept_window=settings.own_accept_window,
        rating_window=settings.rating_window,
        settlement=terms_of(settings),
        issue_times=Expectations(response=settings.issue_response, resolution=settings.issue_resolution),
    )
    return Worlds(
        clock=clock,
        new_id=new_id,
        rules=rules,
        identity=identity_of(settings),
        otp_secret=otp_secret,
        dialects=dialects_of(settings),
        vault=Vault((settings.data_key, *settings.previous_data_keys)),
    )


def terms_of(settings: Settings) -> Terms:
    """How we settle, as the settings say."""
    tries = settings.settlement_tries
    agency = Participant(settings.settlement_agency_id, settings.settlement_agency_uri)
    return Terms(
        mode=settings.settlement,
        agency=agency if settings.settlement_agency_id else None,
        meaning=settings.settlement_order_amount,
        begins=settings.settlement_from,
        window=settings.settlement_window,
        taxes_by_collector=settings.settlement_taxes_by_collector,
        nil=settings.settlement_nil,
        pace=Pace(
            agency=settings.settlement_agency_wait,
            counterparty=settings.settlement_counterparty_wait,
            reports=tries,
            recons=tries,
            settles=tries,
        ),
    )


def identity_of(settings: Settings) -> Identity:
    """Who we are, as the settings say."""
    return Identity(
        subscriber_id=settings.subscriber_id,
        subscriber_uri=settings.subscriber_uri,
        legal_name=settings.legal_name,
        gstin=settings.gstin,
        support_phone=settings.support_phone,
        support_email=settings.support_email,
        account=Account(
            beneficiary=settings.settlement_beneficiary,
            account=settings.settlement_account,
            ifsc=settings.settlement_ifsc,
            upi=settings.settlement_upi,
            window=settings.settlement_window,
        ),
        officer_name=settings.gro_name,
        officer_phone=settings.gro_phone,
        officer_email=settings.gro_email,
    )


def dialects_of(settings: Settings) -> Dialects:
    """How peers spell, as the settings say."""
    configured = {peer: one.model_dump(exclude_none=True) for peer, one in settings.peers.items()}
    for peer in settings.hex_category_peers:
        configured.setdefault(peer, {})["categories"] = "hex"
    return Dialects(configured=configured, cancelled_by=settings.cancelled_by_seller)
