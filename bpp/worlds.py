"""What the settings make of the world in which units of work decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bpp.core.catalogs import Worlds
from bpp.core.world import Account, Identity, Rules
from bpp.domains.peers import Dialects
from bpp.parties.vault import Vault
from bpp.settings import Settings

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
        ),
    )


def dialects_of(settings: Settings) -> Dialects:
    """How peers spell, as the settings say."""
    configured = {peer: one.model_dump(exclude_none=True) for peer, one in settings.peers.items()}
    for peer in settings.hex_category_peers:
        configured.setdefault(peer, {})["categories"] = "hex"
    return Dialects(configured=configured, cancelled_by=settings.cancelled_by_seller)
