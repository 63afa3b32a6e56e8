"""The classes of services that are not taxed in the ordinary way, and what follows for a price without a word of tax."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.load_tables import read_table
from catalog.services import SERVICES
from catalog.taxes import house_keeping, usual_tax


def test_every_service_of_a_class_is_one_of_ours_and_is_in_no_other():
    named = [row["service_id"] for row in read_table("tax_classes")]

    assert set(named) <= SERVICES.keys()
    assert len(set(named)) == len(named)
    assert house_keeping() < set(named)


@pytest.mark.parametrize(
    ("service_id", "registered", "otherwise"),
    [("SM-PLB", 18, 5), ("SM-HCL", 18, 5), ("SM-PNT", 18, 0), ("SM-ACT", 18, 0), ("SM-BTY", 5, 0)],
)
def test_the_usual_tax_follows_the_class_and_whether_the_provider_is_registered(service_id, registered, otherwise):
    assert usual_tax(service_id, registered=True) == Decimal(registered)
    assert usual_tax(service_id, registered=False) == Decimal(otherwise)
