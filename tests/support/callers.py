"""A call-centre operator, portal or service centre at work: the calls of the operator API as one says them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[..., Awaitable[tuple[int, Any]]]
CALLER = {"name": "Rukmini Caller", "phone": "+91 98111 22333", "address": "12, Vipul Khand, Gomti Nagar"}
PINCODE = "226010"


async def found(call: Call, words: str = "nal theek karna", pincode: str = PINCODE, **more: Any) -> Any:
    """What a search by spoken words answers."""
    query = "&".join(f"{name}={value}" for name, value in {"q": words, "pincode": pincode, **more}.items())
    status, answer = await call("GET", f"/find?{query}")
    assert status == 200, answer
    return answer


async def quote(call: Call, *, item: str = "GOMTI-TAP", slot: int = 0, **more: Any) -> tuple[int, Any]:
    """Ask for the nth free start of an item, or for what ``more`` says."""
    offering = more.pop("provider_id", f"P-{item.split('-', maxsplit=1)[0]}")
    if "start" not in more:
        free = await call(
            "POST", "/quotes", {"provider_id": offering, "items": [{"item_id": item}], "pincode": PINCODE}
        )
        more["start"] = free[1]["alternatives"][slot]
    body = {"provider_id": offering, "items": [{"item_id": item}], "pincode": PINCODE, **more}
    return await call("POST", "/quotes", body)


async def booked(call: Call, *, caller: dict[str, Any] | None = None, payment: str = "", **more: Any) -> Any:
    """An order made by telephone, for the nth free start of an item."""
    status, priced = await quote(call, **more)
    assert (status, priced["against"]) == (200, None), priced
    body = {"quote": priced["ref"], **(caller or CALLER), **({"payment_type": payment} if payment else {})}
    status, order = await call("POST", "/bookings", body)
    assert status == 201, order
    return order


async def happens(call: Call, order: Any, *names: str, **more: Any) -> Any:
    """Events one after the other; the order then."""
    answer = order
    for name in names:
        status, answer = await call("POST", f"/orders/{order['ref']}/events", {"event": name, **more})
        assert status == 200, answer
    return answer


async def otp(call: Call, order: Any) -> str:
    """The token as it is told to a caller."""
    status, answer = await call("POST", f"/orders/{order['ref']}/otp")
    assert status == 200, answer
    token: str = answer["otp"]
    return token


async def done(call: Call, order: Any) -> Any:
    """The whole visit."""
    await happens(call, order, "depart", "arrive")
    await happens(call, order, "start", otp=await otp(call, order))
    return await happens(call, order, "complete")
