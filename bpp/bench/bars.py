"""What is demanded, row by row, and how a measurement is judged against it.

A row is a ratio that was taken once in every round, between things measured in that round. It passes where the median
does. It is unsure where the median does not but the middle half of the rounds reaches over the bar; else it fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles
from typing import Any, Literal

Side = Literal["at most", "at least"]


class Verdict(StrEnum):
    """How a row fared."""

    PASS = "pass"  # noqa: S105  no password
    UNSURE = "unsure"
    FAIL = "fail"
    REPORTED = "-"
    """There is no bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is measured under a key, in which unit, and what is demanded of it: nothing where there is no ``bar``."""

    key: str
    what: str
    unit: str = "x"
    side: Side = "at most"
    bar: float | None = None
    aim: float | None = None


ROWS: Mapping[str, Row] = {
    row.key: row
    for row in (
        Row(
            key="select.pairs",
            what="durable signed select round trip, SQLite, server CPU",
            unit="pairs",
            bar=9,
            aim=5,
        ),
        Row(
            key="select.postgres_pairs",
            what="the same on PostgreSQL, server CPU",
            unit="pairs",
            bar=11,
            aim=7,
        ),
        Row(key="select.durability", what="durable build over the same without a store, CPU", bar=1.6, aim=1.3),
        Row(
            key="select.group_commit",
            what="one commit per request over group commit, CPU",
            side="at least",
            bar=3,
            aim=4,
        ),
        Row(
            key="scaling.two",
            what="two processes over one, by what the bare crypto loop scales",
            side="at least",
            bar=0.65,
            aim=0.85,
        ),
        Row(
            key="scaling.four",
            what="four processes over one, by what the bare crypto loop scales",
            side="at least",
        ),
        Row(key="validation.select", what="validation of a 3 KB select over one Ed25519 verify", bar=1.25, aim=1),
        Row(
            key="search.fts",
            what="search at 100,000 offerings: FTS5 with R*Tree over ours, CPU",
            side="at least",
            bar=10,
            aim=25,
        ),
        Row(key="search.fts_gps", what="a category at coordinates: FTS5 with R*Tree over ours, CPU", side="at least"),
        Row(key="search.fts_words", what="words at coordinates: the same", side="at least"),
        Row(key="search.fts_pincode", what="a category in a pincode: the same", side="at least"),
        Row(key="search.naive", what="search at 100,000 offerings: naive SQL over ours, CPU", side="at least"),
        Row(
            key="search.growth",
            what="the same search, same results, at 100,000 offerings over 1,000, CPU",
            bar=2,
            aim=1.2,
        ),
        Row(key="assembly.memcpy", what="catalog payload assembly over memcpy", bar=2.5, aim=1.5),
        Row(
            key="assembly.on_search",
            what="json.dumps and sign over ours, 100 KB on_search of any search",
            side="at least",
            bar=8,
            aim=11,
        ),
        Row(
            key="assembly.prefix",
            what="json.dumps and sign over ours, whole-catalog pull with the cached prefix",
            side="at least",
            bar=25,
            aim=40,
        ),
        Row(key="stored.10k", what="select with 10,000 stored orders over an empty database, CPU"),
        Row(key="stored.100k", what="select with 100,000 stored orders over an empty database, CPU"),
        Row(
            key="stored.1m",
            what="select with 1,000,000 stored orders over an empty database, CPU",
            bar=1.3,
            aim=1.1,
        ),
        Row(key="console.type_p50", what="console: search as you type over 100,000 offerings, p50", unit="ms"),
        Row(key="console.type_p95", what="console: the same search, p95", unit="ms", bar=100, aim=50),
        Row(key="console.type_p99", what="console: the same search, p99", unit="ms"),
        Row(key="console.type_pairs", what="console: the same search, server CPU", unit="pairs"),
        Row(key="console.look_p50", what="console: a caller looked up among 1,000,000 orders, p50", unit="ms"),
        Row(key="console.look_p95", what="console: the same look-up, p95", unit="ms", bar=100, aim=50),
        Row(key="console.look_p99", what="console: the same look-up, p99", unit="ms"),
        Row(key="console.look_pairs", what="console: the same look-up, server CPU", unit="pairs"),
        Row(key="select.storeless_pairs", what="the product without a store, server CPU", unit="pairs"),
        Row(key="select.bare_pairs", what="bare verify, ACK, sign, post, server CPU", unit="pairs"),
        Row(key="select.over_bare", what="durable over bare, server CPU"),
        Row(key="select.bare_rate", what="throughput of the durable build over the bare one", side="at least"),
        Row(key="select.naive", what="naive build over ours, CPU", side="at least"),
        Row(key="select.naive_rate", what="throughput over the naive build's", side="at least"),
        Row(key="select.postgres_own", what="CPU of PostgreSQL itself beside a round trip", unit="pairs"),
        Row(key="select.rate", what="durable round trips", unit="/s", side="at least"),
        Row(key="latency.p50_at_50", what="round trip at 50 % of capacity, p50", unit="ms"),
        Row(key="latency.p95_at_50", what="round trip at 50 % of capacity, p95", unit="ms"),
        Row(key="latency.p99_at_50", what="round trip at 50 % of capacity, p99", unit="ms"),
        Row(key="latency.p50_at_70", what="round trip at 70 % of capacity, p50", unit="ms"),
        Row(key="latency.p95_at_70", what="round trip at 70 % of capacity, p95", unit="ms"),
        Row(key="latency.p99_at_70", what="round trip at 70 % of capacity, p99", unit="ms"),
        Row(key="latency.ack_p50_at_50", what="request to ACK at 50 % of capacity, p50", unit="ms"),
        Row(key="latency.ack_p99_at_50", what="request to ACK at 50 % of capacity, p99", unit="ms"),
        Row(key="memory.whole", what="one process with 100,000 offerings and 52,349 workers", unit="MiB"),
        Row(key="memory.start", what="such a process from its start until it listens", unit="s"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A row with its value of each round."""

    row: Row
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Of the rounds."""
        return median(self.values)

    @property
    def middle(self) -> tuple[float, float]:
        """First and third quartile; of a single round its value twice."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        first, _, third = quantiles(self.values, n=4, method="inclusive")
        return first, third

    @property
    def best(self) -> float:
        """The least value, or the greatest where more is better."""
        return min(self.values) if self.row.side == "at most" else max(self.values)

    @property
    def verdict(self) -> Verdict:
        """As the module says."""
        if self.row.bar is None:
            return Verdict.REPORTED
        if _holds(self.median, self.row):
            return Verdict.PASS
        return Verdict.UNSURE if any(_holds(one, self.row) for one in self.middle) else Verdict.FAIL

    @property
    def reached(self) -> bool:
        """Whether the median reaches the aim."""
        row = self.row
        return row.aim is not None and (self.median <= row.aim if row.side == "at most" else self.median >= row.aim)

    def document(self) -> dict[str, Any]:
        """For the JSON."""
        return {
            "what": self.row.what,
            "unit": self.row.unit,
            "side": self.row.side,
            "bar": self.row.bar,
            "aim": self.row.aim,
            "median": self.median,
            "middle": list(self.middle),
            "best": self.best,
            "rounds": list(self.values),
            "verdict": self.verdict.value,
            "aim_reached": self.reached,
        }


def judged(values: Mapping[str, Sequence[float]]) -> dict[str, Result]:
    """Results in the order of the table; a key without a value is left out."""
    return {key: Result(row=row, values=tuple(values[key])) for key, row in ROWS.items() if values.get(key)}


def _holds(value: float, row: Row) -> bool:
    if row.bar is None:
        return True
    return value <= row.bar if row.side == "at most" else value >= row.bar
