"""A difference that is of another settlement of the order is told so, on the page and in the API."""

from __future__ import annotations

import pytest

from bpp.console.language import speaking
from bpp.console.money.network_one import DIFFERENCES
from bpp.operator.settlement_views import _difference
from bpp.settlement.model import Difference
from bpp.settlement.plan import prepare
from catalog.money import Money
from tests.support.settlements import OVER, order_due, sold

OTHER = {"en": "of another settlement of the order", "hi": "दूसरे निपटान"}


@pytest.mark.parametrize(("of", "said"), [("", ""), ("S2", ""), ("S1", "S1")])
@pytest.mark.parametrize("language", OTHER)
def test_a_difference_of_another_settlement_is_not_told_as_ones_own(language: str, of: str, said: str) -> None:
    (one,) = prepare(order_due(sold(1, "1000.00", "50")), (), OVER, lambda: "S2")
    view = _difference(Difference(cause="recon", order_id="O1", of=of, field="commission", ours=Money(5000)), one)

    with speaking(language):
        told = DIFFERENCES[1].value(view)

    assert view.settlement == said
    assert (OTHER[language] in str(told)) is bool(said)
