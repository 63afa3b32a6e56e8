"""A required path that is lost is found, by the check of this path and by no other; the table is the specification's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bpp.conformance.check import Outcome, Severity, apply
from bpp.conformance.checks.required import CHECKS, name_of
from bpp.conformance.checks.required_paths import REQUIRED, SPECIFICATION, Required
from bpp.conformance.judge import judge
from bpp.conformance.record import Flow, Record
from tests.conformance.everything import EVERYTHING
from tests.conformance.faulty_seller import Json
from tests.conformance.ground import Ground
from tests.conformance.lost_paths import KILLED_TOGETHER, LosesPaths, names_elements, rows_of, standing
from tests.support.json_edit import without

BY_NAME = {one.name: one for one in CHECKS}

LISTED: Mapping[str, str] = {
    "on_search.message.catalog.providers.items.tags.code": "demanded as the tag reschedule_terms",
    "on_search.message.catalog.providers.items.time.schedule.holidays": "left out where there are none (protocol 7)",
    "on_select.message.order.fulfillments.state": "the rule serviceability_state",
    "items.tags": "a customisation is known by its tag; that items come back as selected is assertion 19",
    "billing.tax_id": "the customer's own, and empty or absent from those who have none (protocol 1.5)",
    "breakup.item.quantity": "the rule line_arithmetic: on lines of items alone (protocol 4.10)",
    "breakup.tags.title.type": "the rule line_tags, beside the tag title that is demanded",
    "xinput": "a form is optional, and only the specification's examples have one",
    "on_confirm.message.order.fulfillments.stops.authorization": "optional before the visit (protocol 4.25)",
    "on_status.message.order.fulfillments.stops.time.timestamp": "the rules departed and finished: not before its time",
}
"""What the specification calls required and no path of ours demands, and why; a key is any part of the path."""


async def test_every_required_path_that_is_lost_is_found_in_one_conversation(ground: Ground) -> None:
    ground.seller.plant(LosesPaths())

    report = judge("a seller that loses paths", await ground.played(EVERYTHING, domain="ONDC:SRV11"), CHECKS)

    assert [flow.ended for flow in report.flows] == [""]
    assert {one.check.name for one in report.summaries if one.outcome is not Outcome.FAILED} == set()
    assert {one.check.name for one in report.summaries} == KILLED_TOGETHER


async def test_each_lost_path_is_found_by_its_own_check_alone(ground: Ground) -> None:
    (flow,) = await ground.played(EVERYTHING, domain="ONDC:SRV11")

    assert [flow.ended, flow.not_played] == ["", ""]
    for row in REQUIRED:
        record, paths = first_place(flow, row)
        found = failing(record, without(record.document, paths))
        if names_elements(row):  # what was found by it is lost with it
            assert name_of(row) in found, paths
        else:
            assert found == {name_of(row)}, paths


def first_place(flow: Flow, row: Required) -> tuple[Record, list[str]]:
    """A callback that has a required path, and where; of a catalog, one provider alone."""
    for record in flow.callbacks:
        if row.action not in {"", record.action}:
            continue
        for one in alone(record) if record.action == "on_search" else [record]:
            if found := standing(one.document, row):
                return one, found
    raise AssertionError(f"nothing has {row.path}")


def alone(record: Record) -> Iterator[Record]:
    catalog = record.message["catalog"]
    for provider in catalog["providers"]:
        message = {"catalog": catalog | {"providers": [provider]}}
        yield replace(record, document=record.document | {"message": message})


def failing(record: Record, document: Json) -> set[str]:
    """The checks of required paths that fail on one callback."""
    flow = Flow(name="alone", domain="", records=(replace(record, document=document),), live=True)
    checks = [BY_NAME[name_of(row)] for row in rows_of(record.action)]
    return {one.name for one in checks if apply(one, flow).outcome is Outcome.FAILED}


def attributes(shared: Path) -> dict[str, str]:
    """Action and path of each attribute of a callback, with what the specification says of it, in our spelling."""
    document = json.loads((shared / "ondc-srv" / "attributes.json").read_bytes())["Home Services"]["attribute_set"]
    return {spelled(path): said for path, said in _attributes(document, "") if path.startswith("on_")}


def _attributes(part: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part.get("required"), str):
        yield path, part["required"]
    for key, value in part.items():
        if isinstance(value, dict):
            yield from _attributes(value, f"{path}.{key}".lstrip("."))


def spelled(path: str) -> str:
    """A path of the attributes as messages have it: a part that names itself twice is itself (and protocol 4.39)."""
    once = re.sub(r"\b(\w+)(\.\1)+\b", r"\1", path)
    located = re.sub(r"context\.(city|country)", r"context.location.\1", once)
    return located.replace("country.name", "country.code")


def shorn(path: str) -> str:
    """A path of our table without its selections; codes of tags stay."""
    named = re.sub(r"\b(tags|list)\[(\w+)\]", r"\1.\2", path.replace("/", "."))
    return re.sub(r"\[[^\]]*\]", "", named)


def test_every_path_that_the_specification_requires_is_demanded_or_listed_with_a_reason(shared: Path) -> None:
    ours = {f"{row.action or 'on_search'}.{shorn(row.path)}" for row in REQUIRED}
    required = {path for path, said in attributes(shared).items() if "optional" not in said}

    missing = {one for one in required if not any(f"{path}.".startswith(f"{one}.") for path in ours)}

    assert {one for one in missing if not any(key in one for key in LISTED)} == set()
    assert {key for key in LISTED if not any(key in one for one in missing)} == set()


def test_what_is_said_to_be_of_the_specification_is_there_and_required(shared: Path) -> None:
    required = {path for path, said in attributes(shared).items() if "optional" not in said}
    cited = {
        f"{row.action}.{shorn(row.path)}"
        for row in REQUIRED
        if any(source.startswith(f"{SPECIFICATION} ") for source in row.sources)
    }

    related = {one for one in cited if any(f"{one}.".startswith(f"{r}.") or r.startswith(f"{one}.") for r in required)}

    assert cited - related == set()


def test_no_error_is_demanded_beyond_the_specification_and_the_assertions() -> None:
    errors = [
        row for row in REQUIRED if row.severity is Severity.ERROR and row.action not in {"on_update", "on_cancel"}
    ]

    assert {
        row.path
        for row in errors
        if not any(
            source.startswith((SPECIFICATION, "assertion", "protocol 1.", "protocol 3", "protocol 4"))
            for source in row.sources
        )
    } == set()


def test_no_path_is_demanded_twice() -> None:
    names = [name_of(row) for row in REQUIRED]

    assert sorted(names) == sorted(set(names))
