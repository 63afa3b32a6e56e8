"""Synthetic offerings: what a provider sells of its trades, first each sub-service as usual, then its dearer forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from random import Random

from catalog.model import Offering, PaymentType, Provider, SubService
from catalog.money import Money
from catalog.synthetic.chances import happens
from catalog.synthetic.plan import Plan
from catalog.synthetic.providers import IMAGE, YEARS
from catalog.synthetic.rates import Rate, rates, trades
from catalog.synthetic.words import TIERS
from catalog.taxes import usual_tax

_PAYMENTS: tuple[tuple[PaymentType, ...], ...] = (
    ("PRE-FULFILLMENT",),
    ("PRE-FULFILLMENT", "ON-FULFILLMENT"),
    ("ON-FULFILLMENT",),
    ("PRE-FULFILLMENT", "POST-FULFILLMENT"),
)
_DEARER = 0.3  # of the usual price, for each tier
_QUARTER = 15


def offerings_of(plan: Plan, provider: Provider, today: date, rng: Random) -> Iterator[Offering]:
    """As many as the plan says."""
    forms = (
        (tier, sub, category)
        for tier in range(len(TIERS))
        for trade in plan.trades
        for sub, category in trades()[trade]
    )
    for tier, sub, category in islice(forms, plan.offerings):
        yield _offering(plan, provider, sub, category, tier, today, rng)


def _offering(
    plan: Plan, provider: Provider, sub: SubService, category: str, tier: int, today: date, rng: Random
) -> Offering:
    rate = rates()[sub.service_id]
    price = _price(rate, tier, rng)
    suffix, suffix_hi, said = TIERS[tier]
    out = not plan.anchor and happens("not on sale", rng)
    elsewhere = provider.districts[1:]
    return Offering(
        id=f"{provider.id}-{sub.id.removeprefix('SM-')}-{tier + 1}",
        provider_id=provider.id,
        sub_service_id=sub.id,
        domain=sub.domain,
        category=category,
        name=f"{sub.name_en}{suffix}",
        name_hi=f"{sub.name_hi}{suffix_hi}",
        short_desc=said,
        long_desc=f"{sub.name_en}: {said.lower()}. Material is charged by the bill. Synthetic data.",
        image=IMAGE,
        price=price,
        max_price=Money(price.paise * 5 // 4) if happens("a struck-off price", rng) else None,
        district_prices={
            lgd: Money(price.paise + 5_000) for lgd in elsewhere if happens("another price elsewhere", rng)
        },
        tax_rate=usual_tax(sub.service_id, registered=bool(provider.gstin)),
        sac=rate.sac,
        unit=rate.unit,
        duration=_QUARTER * rng.randint(-(-rate.shortest // _QUARTER), rate.longest // _QUARTER),
        max_count=rng.choice((1, 3, 5, 10)),
        payment_types=rng.choice(_PAYMENTS),
        valid_from=today - YEARS,
        valid_until=today - timedelta(days=1) if out and happens("out of date", rng) else today + 2 * YEARS,
        active=not out,
        districts=provider.districts[:1] if elsewhere and happens("only at home", rng) else (),
    )


def _price(rate: Rate, tier: int, rng: Random) -> Money:
    """Within the range of the trade, cheap more often than dear, ending in a 9."""
    usual = rate.low + (rate.high - rate.low) * rng.random() ** 2
    rupees = min(rate.high, usual * (1 + _DEARER * tier))
    return Money(100 * max(rate.low, round(rupees / 10) * 10 - 1))
