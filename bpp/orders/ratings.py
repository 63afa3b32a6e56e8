"""Ratings: what a customer said of one order or project, and the one voice that gives him or her. Pure.

A provider is rated by its customers, not by its visits. Whoever rates has one voice for each provider and for each
worker, that of the newest review, however often he or she orders and however many parts of an order he or she rates;
so one person moves an average of n others by at most 4 / (n + 6) (``catalog.ranking.bayesian``; ADR 0029).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RaterKind = Literal["ondc", "phone", "portal"]
Subject = Literal["provider", "worker"]
Reviewed = Literal["order", "project"]

AGENT = "Agent"
OF_PROVIDER = ("Provider", "Order", "Fulfillment", "Item")
"""What of an order speaks for its provider, the most direct first: the first that was rated counts, the others not."""
LONGEST_FEEDBACK = 1000
_NUMBER = 10  # digits of a telephone number in India without its prefixes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One value of 1 to 5: what was rated, in the words of the wire, and by which id we count it."""

    category: str
    subject: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All that the customer of one order or project said of it, and when last.

    ``rater`` is who, as a keyed digest; ``aside``: an officer has set it aside, so it does not count. ``text`` is
    free, for the Samiti's eyes: it is never published.
    """

    ref: str
    of: Reviewed
    provider_id: str
    rater: str
    rater_kind: RaterKind
    rated_at: datetime
    values: tuple[Rated, ...]
    text: str = ""
    aside: bool = False


Pick = Callable[[Sequence[Rated]], int | None]


def for_provider(values: Sequence[Rated]) -> int | None:
    """What a review says of the provider, or None: however many parts of an order are rated, they are one word.

    Of several items or visits, where nothing more direct was rated, their mean counts, rounded half up.
    """
    for category in OF_PROVIDER:
        said = [one.value for one in values if one.category == category]
        if said:
            return (2 * sum(said) + len(said)) // (2 * len(said))
    return None


def for_worker(worker_id: str) -> Pick:
    """What a review says of one worker, or None: only what names the worker."""

    def pick(values: Sequence[Rated]) -> int | None:
        return next((one.value for one in values if (one.category, one.subject) == (AGENT, worker_id)), None)

    return pick


def voice(reviews: Iterable[Review], pick: Pick) -> tuple[str, int] | None:
    """The review that counts of those by one rater, by its ref, and its value: the newest that is not set aside."""
    standing = sorted((one for one in reviews if not one.aside), key=lambda one: (one.rated_at, one.ref), reverse=True)
    return next(((one.ref, value) for one in standing if (value := pick(one.values)) is not None), None)


def merged(before: tuple[Rated, ...], said: Iterable[Rated]) -> tuple[Rated, ...]:
    """The values of a review after a later word: what is rated again is corrected, the rest stays."""
    values = {(one.category, one.subject): one for one in (*before, *said)}
    return tuple(values[key] for key in sorted(values))


def rater_key(secret: bytes, phone: str, ref: str) -> str:
    """Who rates, for counting: the same telephone is the same person, which nobody can tell from the key.

    Without a telephone each order or project is somebody else's.
    """
    who = f"phone\n{number}" if (number := phone_number(phone)) else f"ref\n{ref}"
    return hmac.new(secret, f"rater\n{who}".encode(), hashlib.sha256).hexdigest()


def forgotten_rater(ref: str) -> str:
    """Who rated an order or project that was forgotten: nobody who could be told from others of his or hers."""
    return hashlib.sha256(f"forgotten\n{ref}".encode()).hexdigest()


def phone_number(text: str) -> str:
    """A telephone number for comparing: its last ten digits, of any script: +91 and a leading 0 make no difference."""
    return "".join(str(int(one)) for one in text if one.isdecimal())[-_NUMBER:]
