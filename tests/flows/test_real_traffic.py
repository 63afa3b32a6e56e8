"""The requests of a certified buyer app, moved in time and place, against our own server.

The six flows of ``../shared/traffic/mystore-seller``, each from its search to its real end; ``tests/support/replay.py``
says what of them is theirs. What becomes of them when one field is missing or spelled in another way is in
``test_traffic_variations.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.conversation import check_conversation
from tests.support.network import Network
from tests.support.replay import FLOWS, Replay


@pytest.mark.parametrize("flow", FLOWS)
async def test_the_requests_of_a_real_buyer_app_are_answered_to_the_end_of_the_flow(
    network: Network, shared: Path, flow: str
) -> None:
    replay = Replay(network, shared / "traffic" / "mystore-seller" / flow)

    last = await replay.run()

    assert last.order["id"] == replay.order_id
    check_conversation(network)


async def test_the_reason_of_a_real_cancellation_is_told_back_as_it_came(network: Network, shared: Path) -> None:
    replay = Replay(network, shared / "traffic" / "mystore-seller" / "buyer_cancel_flow")

    last = await replay.run()

    assert last.order["cancellation"]["reason"]["descriptor"]["code"] == "002"
