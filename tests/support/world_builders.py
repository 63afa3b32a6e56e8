"""The rules and the identity of a seller: each with what a test names and sound values for the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bpp.core.world import Account, Identity, Rules


def some_rules(**changes: Any) -> Rules:
    """Ten minutes to hold a slot, half an hour for a quote, two tries of a token, six days on offer."""
    rules = Rules(
        slot_hold=timedelta(minutes=10),
        quote_ttl=timedelta(minutes=30),
        quote_ttl_text="PT30M",
        otp_ttl=timedelta(minutes=5),
        otp_attempts=2,
        accept_window=timedelta(seconds=25),
        horizon_days=6,
        holds_per_peer=500,
        providers_per_search=20,
        items_per_provider=50,
    )
    return replace(rules, **changes)


def an_identity(**changes: Any) -> Identity:
    """The Samiti at bpp.example.org, with an account that is nobody's."""
    identity = Identity(
        subscriber_id="bpp.example.org",
        subscriber_uri="https://bpp.example.org",
        legal_name="Sewamitra Samiti",
        gstin="09AAAAA0000A1Z5",
        support_phone="155330",
        support_email="support@sewamitra.example",
        account=Account(
            beneficiary="ARTIFICIAL BENEFICIARY", account="000000000000", ifsc="XXXX0000000", upi="artificial@upi"
        ),
    )
    return replace(identity, **changes)
