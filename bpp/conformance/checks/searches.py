"""What searches find. Source: protocol 1.1, 3; assertions 8 to 11."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Select, Severity, Subject
from bpp.conformance.checks.area import serves
from bpp.conformance.checks.intent import (
    Intent,
    category,
    choices,
    intent_of,
    keys,
    providers,
    searches,
    services,
    slots,
)
from bpp.conformance.checks.related import related
from bpp.conformance.select import answered, probes

UNKNOWN_NAME, ELSEWHERE, PLACE_ALONE = "search_unknown_name", "search_elsewhere", "search_place_alone"
"""What the probes of these checks try."""
_CATALOG = "message.catalog.providers"


def _asked(subject: Subject) -> Intent:
    """What the search asks for that this on_search answers."""
    if subject.request is None:
        raise LookupError("nobody asked for this on_search")
    return intent_of(subject.request)


def _exact_category(subject: Subject) -> Iterator[Fault | NotRun]:
    wanted = _asked(subject)
    if not wanted.category or wanted.category.endswith("-*"):
        yield NotRun("the search names no exact category")
        return
    for path, item, _ in services(subject.message):
        codes = {category(one) for one in item["category_ids"]}
        if category(wanted.category) not in codes and not any(one.endswith("-*") for one in codes):
            yield Fault(f"{path}.category_ids", wanted.category, item["category_ids"])


def _within_wildcard(subject: Subject) -> Iterator[Fault | NotRun]:
    asked = _asked(subject)
    whole = [one for intent, one in searches(subject.flow) if intent.wide and intent.place == asked.place]
    if not asked.exact or not whole:
        yield NotRun("there is no search for one category and one for all at the same place")
        return
    missing = keys(subject.message) - set().union(*map(keys, whole))
    if missing:
        yield Fault(_CATALOG, "nothing but what the search for all categories found", sorted(missing))


def _nothing_unrelated(subject: Subject) -> Iterator[Fault | NotRun]:
    asked = _asked(subject)
    if not asked.words:
        yield NotRun("the search names no service")
        return
    strangers = related(asked.words, list(services(subject.message)))
    if strangers is None:
        yield NotRun(f"no word of the answer tells what it has to do with {asked.words}")
        return
    for path, item in strangers:
        yield Fault(
            f"{path}.descriptor.name", f"something that has to do with {asked.words}", item["descriptor"]["name"]
        )


def _whatever_case(subject: Subject) -> Iterator[Fault | NotRun]:
    asked = _asked(subject)
    same = [
        one
        for intent, one in searches(subject.flow)
        if intent.words != asked.words
        and intent.words.casefold() == asked.words.casefold()
        and one.number < subject.message.number
    ]
    if not asked.words or not same:
        yield NotRun("there are no two searches for the same words in different case")
    elif keys(same[0]) != keys(subject.message):
        yield Fault(_CATALOG, f"what {same[0].name} found", sorted(keys(subject.message) ^ keys(same[0])))


def _silent(subject: Subject) -> Iterator[Fault | NotRun]:
    """Whether a search that can find nothing was answered with something."""
    if not any(note.kind == "silence" and note.after >= subject.message.number for note in subject.flow.notes):
        yield NotRun("nobody listened for an answer")
        return
    asked = intent_of(subject.message)
    for answer in subject.flow.answers_to(subject.message):
        for path, provider in providers(answer):
            if asked.words or not serves(provider, *asked.place):
                yield Fault(path, "no on_search, or one without providers", provider.get("id"), answer)


def _only_who_serves(subject: Subject) -> Iterator[Fault | NotRun]:
    asked = _asked(subject)
    if not any(asked.place):
        yield NotRun("the search names no place")
        return
    for path, provider in providers(subject.message):
        inside = serves(provider, *asked.place)
        if inside is None:
            yield NotRun(f"the search does not say where in a form that {path}.tags could be compared with")
        elif not inside:
            yield Fault(f"{path}.tags", f"an area that contains {' '.join(asked.place)}", provider.get("id"))


def _slot_in_range(subject: Subject) -> Iterator[Fault | NotRun]:
    asked = _asked(subject)
    if not asked.start or not asked.end:
        yield NotRun("the search names no time")
        return
    first, last = parse_timestamp(asked.start), parse_timestamp(asked.end)
    for path, item, provider in services(subject.message):
        when = slots(item, provider)
        if not any(start < last and end > first for start, end in when):
            yield Fault(f"{path}.time.schedule.times", f"a time from {asked.start} to {asked.end}", len(when))


def _place_alone(subject: Subject) -> Iterator[Fault]:
    request = subject.message
    if request.reply is not None and not request.reply.acked:
        yield Fault("reply", "ACK", request.reply.error_code)
    elif not any(keys(one) for one in subject.flow.answers_to(request)):
        yield Fault(_CATALOG, "what is served at this place", "no on_search with services")


def _choices_come_along(subject: Subject) -> Iterator[Fault | NotRun]:
    whole = [one for intent, one in searches(subject.flow) if intent.wide]
    known = {key: found for one in whole for key, found in choices(one).items()}
    named = keys(subject.message) & known.keys()
    if _asked(subject).wide or not named:
        yield NotRun("no service with customisations was found that another search of the flow found, too")
        return
    brought = choices(subject.message)
    for key in sorted(named):
        if missing := known[key] - brought.get(key, set()):
            yield Fault(_CATALOG, f"the customisations of {key[1]}", f"without {', '.join(sorted(missing))}")


def _matched(subject: Subject) -> Iterator[Fault | NotRun]:
    found = list(services(subject.message))
    if not _asked(subject).words or not found:
        yield NotRun("the search names no service, or found none")
    elif not any(item.get("matched") is True for _, item, _ in found):
        yield Fault(f"{found[0][0]}.matched", "true at what was searched for", found[0][1].get("matched"))


ANSWER = "on_search that answers a search"


def searched(
    name: str,
    title: str,
    judge: Callable[[Subject], Iterator[Fault | NotRun]],
    *sources: str,
    of: Select | None = None,
    needs: str = ANSWER,
    severity: Severity = Severity.ERROR,
) -> Check:
    """A check of the answers to searches, or of what ``of`` finds."""
    return Check(
        name=name,
        title=title,
        sources=sources,
        of=of or answered("on_search"),
        needs=needs,
        judge=judge,
        severity=severity,
    )


CHECKS: tuple[Check, ...] = (
    searched(
        "search_exact_category",
        "A search for one category finds services of this category alone",
        _exact_category,
        "assertion 8",
        "protocol 3",
    ),
    searched(
        "search_within_wildcard",
        "What a search for one category finds, the search for all categories finds, too",
        _within_wildcard,
        "assertion 8",
        "protocol 3",
    ),
    searched(
        "search_nothing_unrelated",
        "A search by name finds nothing that has nothing to do with it",
        _nothing_unrelated,
        "assertion 9",
        "protocol 3",
    ),
    searched(
        "search_whatever_case",
        "A search by name finds the same whatever the case of its letters",
        _whatever_case,
        "assertion 9",
        "protocol 3",
    ),
    searched(
        "search_unknown_name",
        "A search for a name that nothing has brings no on_search, or one without providers",
        _silent,
        "assertion 9",
        "protocol 3",
        of=probes(UNKNOWN_NAME),
        needs="search for a name that nothing has",
    ),
    searched(
        "search_elsewhere",
        "A search at a place that no provider serves brings no on_search, or one without providers",
        _silent,
        "assertion 10",
        of=probes(ELSEWHERE),
        needs="search at a place that nobody serves",
    ),
    searched(
        "search_only_who_serves",
        "A search finds only providers whose serviceability contains the place",
        _only_who_serves,
        "assertion 10",
        "protocol 3",
    ),
    searched(
        "search_slot_in_range",
        "A search for a time finds only services that can be had in it",
        _slot_in_range,
        "assertion 11",
        "protocol 3",
    ),
    searched(
        "search_place_alone",
        "A search that names a place and nothing else finds what is served there",
        _place_alone,
        "protocol 1.1",
        "protocol 3",
        of=probes(PLACE_ALONE),
        needs="search that names a place alone",
    ),
    searched(
        "search_brings_choices",
        "A service that is found comes with its customisations",
        _choices_come_along,
        "protocol 3",
    ),
    searched(
        "search_matched",
        "A search by name marks what it found as matched",
        _matched,
        "protocol 3",
        severity=Severity.WARNING,
    ),
)
