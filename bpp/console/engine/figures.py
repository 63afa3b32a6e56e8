"""The figures of /metrics as values: sums over labels, what came since, percentiles. Pure.

Read from the text that Prometheus reads, so that a page shows the same as a panel, of all processes of the port.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Bucket = tuple[float, float]
"""An upper bound, and how many were not above it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Every sample by its name and labels."""

    samples: Mapping[str, Mapping[Labels, float]]

    def sum(self, name: str, **labels: str) -> float:
        """Everything of a name that has these labels."""
        return sum(value for _, value in self._of(name, labels))

    def largest(self, name: str, **labels: str) -> float | None:
        """The largest of a name, or None where nothing has it."""
        return max((value for _, value in self._of(name, labels)), default=None)

    def least(self, name: str, **labels: str) -> float | None:
        """The least of a name, or None where nothing has it."""
        return min((value for _, value in self._of(name, labels)), default=None)

    def by(self, name: str, label: str) -> Mapping[str, float]:
        """Sums by the values of one label."""
        found: defaultdict[str, float] = defaultdict(float)
        for given, value in self._of(name, {}):
            found[dict(given).get(label, "")] += value
        return found

    def buckets(self, name: str, **labels: str) -> Sequence[Bucket]:
        """A histogram, in the order of its bounds."""
        found: defaultdict[float, float] = defaultdict(float)
        for given, value in self._of(f"{name}_bucket", labels):
            found[float(dict(given)["le"])] += value
        return sorted(found.items())

    def since(self, earlier: Figures) -> Figures:
        """What was counted since; only counters and histograms mean anything then. One that began anew began at 0."""
        return Figures(
            {
                name: {
                    labels: value - before
                    if (before := earlier.samples.get(name, {}).get(labels, 0.0)) <= value
                    else value
                    for labels, value in some.items()
                }
                for name, some in self.samples.items()
            }
        )

    def _of(self, name: str, labels: Mapping[str, str]) -> Iterator[tuple[Labels, float]]:
        wanted = labels.items()
        return ((given, value) for given, value in self.samples.get(name, {}).items() if given >= wanted)


def read_figures(text: str) -> Figures:
    """The figures of a text as /metrics gives it."""
    found: defaultdict[str, dict[Labels, float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name][frozenset(sample.labels.items())] = sample.value
    return Figures(found)


def count(buckets: Sequence[Bucket]) -> int:
    """How many were measured."""
    return int(buckets[-1][1]) if buckets else 0


def quantile(buckets: Sequence[Bucket], share: float) -> float | None:
    """The value below which a share lies, within its bucket as Prometheus takes it; None where nothing was measured."""
    total = count(buckets)
    if not total:
        return None
    rank, low, below = share * total, 0.0, 0.0
    for bound, until in buckets:
        if until >= rank and until > below:
            return low if math.isinf(bound) else low + (bound - low) * (rank - below) / (until - below)
        low, below = (low if math.isinf(bound) else bound), until
    return low
