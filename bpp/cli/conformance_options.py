"""What the command line of ``bpp conformance`` says, gathered: whom to prove, as whom, and how long things may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Complaint(Exception):
    """Something that was asked for cannot be; the text says what to change."""


class People(StrEnum):
    """Who makes the seller app act."""

    OPERATOR = "operator"
    WEBHOOK = "webhook"
    ASK = "ask"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long things may take, in seconds: see ``Stage``."""

    budget: float
    patience: float
    longest_wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerOptions:
    """A buyer app as the command line names it; what is empty is found out. ``name`` is how its options begin.

    ``key`` is a private key in base64 or ``file:PATH``, ``listen`` HOST:PORT, ``bap_uri`` the address before it.
    """

    name: str
    subscriber_id: str = ""
    key_id: str = ""
    key: str = field(default="", repr=False)
    listen: str = ""
    bap_uri: str = ""

    @property
    def named(self) -> bool:
        """Whether anything of it was said."""
        return any((self.subscriber_id, self.key_id, self.key, self.listen, self.bap_uri))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A seller app that is running already; ``people`` None means: whoever can be had by what is given."""

    url: str
    registry: Path | None
    bpp_id: str = ""
    gateway: str = ""
    people: People | None = None
    operator_url: str = ""
    operator_token: str = field(default="", repr=False)
    webhook: str = ""
    buyer: BuyerOptions
    second_buyer: BuyerOptions

    @property
    def needless(self) -> bool:
        """Whether something was said that makes no sense where our own server is started."""
        said = (self.registry, self.bpp_id, self.gateway, self.people, self.operator_url, self.webhook)
        return any(said) or self.buyer.named or self.second_buyer.named
