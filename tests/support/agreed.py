"""A provider's terms as a test wants them, put in force by the operator API before anything is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.network import Network


def term(state: str, cancel_by: str = "PT0S", **more: Any) -> dict[str, Any]:
    """A cancellation term, free unless ``fee`` or ``percentage`` says otherwise."""
    return (
        {"state": state, "cancel_by": cancel_by} | ({"fee": "0.00"} if not more.keys() & {"percentage"} else {}) | more
    )


async def agree(
    network: Network, provider_id: str, *cancellation: dict[str, Any], reschedule: Sequence[dict[str, Any]] = ()
) -> None:
    """Let these be a provider's terms; where no reschedule terms are given, the ones in force stay."""
    _, provider = await network.call("GET", f"/providers/{provider_id}")
    terms = (
        provider["terms"] | {"cancellation": list(cancellation)} | ({"reschedule": reschedule} if reschedule else {})
    )
    status, answer = await network.call("PATCH", f"/providers/{provider_id}", {"terms": terms})
    assert status == 200, answer


async def money_of(network: Network, ref: str) -> dict[str, str]:
    """What became of the money of a cancelled order, as the operator is shown: fee, refund, penalty."""
    _, order = await network.call("GET", f"/orders/{ref}")
    return {name: order["cancellation"][name] for name in ("fee", "refund", "penalty")}
