"""What a catalog offers beside the rules of one on_search. Source: assertion 60; protocol 7."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.checks import searches
from bpp.conformance.checks.intent import services
from bpp.conformance.checks.searches import searched
from bpp.conformance.select import callbacks, probes

PROVIDER_TIME = "select_provider_time"
"""What the probe of ``provider_time_taken`` tries."""
LARGEST = 1_000_000
"""Bytes of an on_search with as many services as ``MANY`` (assertion 60)."""
MANY = 50
PROMPT = 0.4
"""The part of the time for a callback that an on_search may take: two seconds of five (assertion 60)."""


def _small(subject: Subject) -> Iterator[Fault]:
    size = len(orjson.dumps(subject.message.document))
    many = max(MANY, sum(1 for _ in services(subject.message)))
    if size * MANY > LARGEST * many:
        yield Fault(
            "message.catalog", f"at most {LARGEST * many // MANY:,} bytes for {many} services", f"{size:,} bytes"
        )


def _prompt(subject: Subject) -> Iterator[Fault | NotRun]:
    request, found = subject.request, subject.message
    if request is None or request.elapsed is None or found.elapsed is None:
        yield NotRun("the times of arrival are not recorded")
    elif subject.flow.answers_to(request)[0] is not found:
        yield NotRun(f"{found.name} comes after another answer to its search")
    elif found.elapsed - request.elapsed > subject.flow.budget * PROMPT:
        limit = subject.flow.budget * PROMPT
        yield Fault("time", f"at most {limit:g} s after the search", f"{found.elapsed - request.elapsed:.1f} s")


def _provider_time(subject: Subject) -> Iterator[Fault | NotRun]:
    answers = subject.flow.answers_to(subject.message)
    if not answers:
        yield NotRun("the select was not answered")
    for one in answers:
        if one.error_code == "90001":
            yield Fault("error.code", "a time that the provider lists, taken for its item", one.error_code, one)


CHECKS: tuple[Check, ...] = (
    *searches.CHECKS,
    searched(
        "catalog_size",
        "An on_search of fifty services stays under a megabyte",
        _small,
        "assertion 60",
        of=callbacks("on_search"),
        needs="on_search",
        severity=Severity.WARNING,
    ),
    searched(
        "catalog_in_time",
        "An on_search comes within two seconds",
        _prompt,
        "assertion 60",
        severity=Severity.WARNING,
    ),
    searched(
        "provider_time_taken",
        "A provider that lists times takes them for its items",
        _provider_time,
        "protocol 7",
        of=probes(PROVIDER_TIME),
        needs="select at a time that a provider lists",
        severity=Severity.WARNING,
    ),
)
