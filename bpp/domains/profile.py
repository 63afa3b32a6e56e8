"""Everything that differs between ONDC domains: one row each. Adding a domain is adding a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainProfile:
    """A domain we serve, its version of the protocol, and what it is."""

    code: str
    version: str
    name: str


PROFILES: Mapping[str, DomainProfile] = {
    profile.code: profile
    for profile in (
        DomainProfile(code="ONDC:SRV10", version="2.0.0", name="Appliance repair services"),
        DomainProfile(code="ONDC:SRV11", version="2.0.0", name="Home services"),
        DomainProfile(code="ONDC:SRV12", version="2.0.0", name="Personal care services"),
    )
}
"""Source: ONDC services specification 2.0.0, enum of ``context.domain``."""
