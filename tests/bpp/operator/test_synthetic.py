"""The made-up catalog passes every check of the doors by which a catalog comes in."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from bpp.operator.catalog_checks import checked_offering, checked_provider, checked_worker
from bpp.operator.documents import ANSWERED_ONLY, input_model, made, shown
from catalog.model import Offering, Provider, Worker
from catalog.snapshot import Catalog
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.scale import SCALES

CHECKS: dict[str, Any] = {
    "providers": (Provider, checked_provider),
    "offerings": (Offering, checked_offering),
    "workers": (Worker, checked_worker),
}


@pytest.fixture(scope="module")
def town():
    data = synthetic_catalog(SCALES["district"], date(2026, 11, 23))
    return Catalog.build(version=1, providers=data.providers, offerings=data.offerings, workers=data.workers)


@pytest.mark.parametrize("name", CHECKS)
def test_everything_in_a_made_up_district_holds_together(town, name):
    _, check = CHECKS[name]

    assert all(check(one, town) == one for one in getattr(town, name).values())


@pytest.mark.parametrize("name", CHECKS)
def test_every_field_of_a_made_up_value_could_have_been_typed(town, name):
    kind, _ = CHECKS[name]
    for value in list(getattr(town, name).values())[::20]:
        document = json.loads(json.dumps(shown(value), default=str))
        for field in ANSWERED_ONLY[kind]:
            del document[field]
        derived = {"domain": value.domain} if kind is Offering else {}

        assert made(kind, input_model(kind).model_validate_json(json.dumps(document), strict=True), **derived) == value
