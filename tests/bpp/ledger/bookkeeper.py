"""A second set of books, kept by hand: each event is written down as the rules say, in whole paise, and never undone.

It knows nothing of ``bpp.ledger``: its rates, its arithmetic and its names of accounts are its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

from bpp.orders.model import Fulfillment, Order, Payment

RATES = (
    ("commission", date(2021, 12, 13), "10"),
    ("commission", date(2025, 7, 22), "0"),
    ("gst_on_commission", date(2021, 12, 13), "18"),
    ("gst_on_finder_fee", date(2021, 12, 13), "18"),
    ("gst_9_5", date(2021, 12, 13), "5"),
    ("tcs", date(2024, 7, 10), "0.5"),
    ("tds_194o", date(2024, 10, 1), "0.1"),
    ("tds_194o_no_pan", date(2021, 12, 13), "5"),
    ("network_fee", date(2021, 12, 13), "0"),
    ("gst_on_network_fee", date(2021, 12, 13), "18"),
)
FIVE_LAKH, FREE_OF_NETWORK_FEE = 500_000_00, 250_00
KOLKATA = timedelta(hours=5, minutes=30)


def rounded(amount: Fraction) -> int:
    """Half up; amounts are not negative here."""
    return floor(amount + Fraction(1, 2))


def percent(amount: int, rate: str | Fraction) -> int:
    return rounded(amount * Fraction(rate) / 100)


@dataclass(frozen=True)
class Facts:
    """Who a provider is."""

    registered: bool
    individual: bool
    has_pan: bool
    share: str = "0"


@dataclass(frozen=True)
class Untaxed:
    """A price of which no income tax was taken: what of it we released, and what was left of it for whom."""

    released: int
    rest: int
    worker: str = ""


@dataclass
class Kept:
    """What is remembered of an order from its booking on."""

    rates: dict[str, str]
    tds: str
    tds_above: int = 0
    untaxed: list[Untaxed] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    flat_fee_taken: bool = False
    network_fee: int = 0


class Bookkeeper:
    """Writes down what happens; ``sums`` are the balances, debit positive, by the account's name."""

    def __init__(self, providers: dict[str, Facts]) -> None:
        self.sums: defaultdict[str, int] = defaultdict(int)
        self.rates = list(RATES)
        self.providers = providers
        self.turnover: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
        self.orders: dict[str, Kept] = {}

    def rate(self, name: str, day: date) -> str:
        found = [(since, place, value) for place, (one, since, value) in enumerate(self.rates) if one == name]
        return max((one for one in found if one[0] <= day), default=(day, 0, "0"))[2]

    def booked(self, order: Order, now: datetime) -> None:
        day = (now + KOLKATA).date()
        who = self.providers[order.seller.provider_id]
        april = date(day.year - (day.month < 4), 4, 1)
        so_far = sum(amount for on, amount in self.turnover[order.seller.provider_id] if on >= april)
        kept = Kept(rates={name: self.rate(name, day) for name, _, _ in self.rates}, tds=self.rate("tds_194o", day))
        if not who.has_pan:
            kept.tds = self.rate("tds_194o_no_pan", day)
        elif who.individual:
            kept.tds_above = FIVE_LAKH - so_far
        self.orders[order.ref] = kept

    def priced(self, order: Order) -> None:
        """An order that has come to more than its provider was free of is taxed for what was done before, too."""
        kept, provider = self.orders[order.ref], order.seller.provider_id
        if self._exempt(order):
            return
        for one in kept.untaxed:
            tax = percent(one.released, kept.tds)
            self.sums["tax::tds"] -= tax
            self.sums[f"provider:{provider}:wallet"] += tax
            if one.worker:
                self._shared(
                    provider, one.worker, self._share(provider, one.rest - tax) - self._share(provider, one.rest)
                )
        kept.untaxed.clear()

    def _exempt(self, order: Order) -> bool:
        kept = self.orders[order.ref]
        price = sum(one.unit_price.paise * one.count for one in order.items) + sum(kept.moved.values())
        return kept.tds_above > 0 and price <= kept.tds_above

    def _share(self, provider: str, rest: int) -> int:
        return percent(max(rest, 0), self.providers[provider].share)

    def _shared(self, provider: str, worker: str, share: int) -> None:
        self.sums[f"provider:{provider}:wallet"] += share
        self.sums[f"worker:{worker}:wallet"] -= share

    def rates_of(self, ref: str) -> dict[str, str]:
        """Those of the day on which an order was booked, as they were known on it."""
        return self.orders[ref].rates

    def moved(self, order: Order, visit_id: str, fee: int) -> None:
        kept = self.orders[order.ref].moved
        kept[visit_id] = kept.get(visit_id, 0) + fee

    def paid(self, order: Order, payment: Payment) -> None:
        amount = payment.amount.paise
        self.sums[f"consumer:{order.ref}:due"] -= amount
        if payment.collected_by == "BAP":
            assert order.peer is not None
            self.sums[f"buyer_app:{order.peer.bap_id}:collected"] += amount
        elif payment.type == "ON-FULFILLMENT":
            provider = order.seller.provider_id
            self.sums[f"provider:{provider}:wallet"] += amount
            visit = next(
                one for one in order.fulfillments if one.id == (payment.fulfillment_id or order.fulfillments[0].id)
            )
            assert visit.assignee is not None
            self.sums[f"worker:{visit.assignee.worker_id}:cash_in_hand"] += amount
            self.sums[f"provider:{provider}:cash_with_workers"] -= amount
        else:
            self.sums["samiti::bank"] += amount

    def done(self, order: Order, visit: Fulfillment, now: datetime) -> None:
        first = order.fulfillments[0].id
        items = [one for one in order.items if (one.fulfillment_id or first) == visit.id]
        price = sum(one.unit_price.paise * one.count for one in items)
        price += self.orders[order.ref].moved.get(visit.id, 0)
        assert visit.assignee is not None
        worker, provider = visit.assignee.worker_id, order.seller.provider_id
        rest = self._divided(order, price, self._at_the_door(order, {visit.id}), now, worker=worker)
        self._shared(provider, worker, self._share(provider, rest))

    def given_up(self, order: Order, now: datetime) -> None:
        gone = order.cancellation
        assert gone is not None
        stopped = {one.id for one in order.fulfillments if one.stage == "CANCELLED"}
        if gone.fee.paise:
            self._divided(order, gone.fee.paise, self._at_the_door(order, stopped), now)
        self.sums[f"provider:{order.seller.provider_id}:wallet"] += gone.penalty.paise
        self.sums["samiti::penalty"] -= gone.penalty.paise
        if order.peer is not None:
            held = sum(one.amount.paise for one in order.payments if one.status == "PAID" and one.collected_by == "BAP")
            back = min(held, gone.refund.paise)
            self.sums[f"consumer:{order.ref}:due"] += back
            self.sums[f"buyer_app:{order.peer.bap_id}:collected"] -= back

    def counted_by_the_network(self, order: Order, *, over: bool) -> None:
        """An order of the network is over or not: its fee is owed, or not any more."""
        kept = self.orders[order.ref]
        fee = 0
        if over and order.peer is not None and order.quote.total.paise > FREE_OF_NETWORK_FEE:
            fee = rounded(Fraction(kept.rates["network_fee"]) * 100)
            fee += percent(fee, kept.rates["gst_on_network_fee"])
        self.sums["samiti::network_fee"] += fee - kept.network_fee
        self.sums["network::network_fee"] -= fee - kept.network_fee
        kept.network_fee = fee

    def sent(self, account: str, amount: int) -> None:
        self.sums[account] += amount
        self.sums["samiti::bank"] -= amount

    def _at_the_door(self, order: Order, visits: set[str]) -> int:
        first = order.fulfillments[0].id
        return sum(
            one.amount.paise
            for one in order.payments
            if one.type == "ON-FULFILLMENT" and (one.fulfillment_id or first) in visits
        )

    def _divided(self, order: Order, price: int, cash: int, now: datetime, *, worker: str = "") -> int:
        kept, provider = self.orders[order.ref], order.seller.provider_id
        registered = self.providers[provider].registered
        by_operator = not registered and order.items[0].service_id == "SM-PLB"
        tax = kept.rates["gst_9_5"] if by_operator else "18"
        net = rounded(price * 100 / (100 + Fraction(tax)))
        released = rounded(Fraction(net * (price - min(cash, price)), price))
        fee = self._finder_fee(order, price, kept) if worker else 0  # for work that was done
        exempt = self._exempt(order)
        commission = percent(net, kept.rates["commission"])
        half = percent(released, Fraction(kept.rates["tcs"]) / 2)
        parts = {
            "samiti::commission": commission,
            "tax::gst_on_commission": percent(commission, kept.rates["gst_on_commission"]),
            "tax::tcs": 0 if by_operator else 2 * half,
            "tax::tds": 0 if exempt else percent(released, kept.tds),
            "tax::gst_9_5": price - net if by_operator else 0,
        }
        if order.peer is not None:
            parts[f"buyer_app:{order.peer.bap_id}:finder_fee"] = fee
            parts[f"buyer_app:{order.peer.bap_id}:finder_fee_gst"] = percent(fee, kept.rates["gst_on_finder_fee"])
        rest = price - sum(parts.values())
        for account, amount in {**parts, f"provider:{provider}:wallet": rest}.items():
            self.sums[account] -= amount
        self.sums[f"consumer:{order.ref}:due"] += price
        if exempt:
            kept.untaxed.append(Untaxed(released, rest, worker))
        self.turnover[provider].append(((now + KOLKATA).date(), price))
        return rest

    def _finder_fee(self, order: Order, price: int, kept: Kept) -> int:
        if order.peer is None:
            return 0
        if order.finder_fee.type == "percent":
            return percent(price, order.finder_fee.amount)
        if kept.flat_fee_taken:
            return 0
        kept.flat_fee_taken = True
        return rounded(Fraction(order.finder_fee.amount) * 100)
