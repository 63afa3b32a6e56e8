"""Refusals and business errors: each class names its published code, and by which door it leaves.

A ``ProtocolError`` leaves as a NACK, mapped once in ``bpp.inbound.receive``; a ``BusinessError`` travels inside
``on_<action>`` as ``error``, put there once in ``bpp.actions.execute``. Which error takes which door is decision 1;
the codes and their types are in ``beckn_schemas.ack.ERROR_CODES``.
"""

from __future__ import annotations

from typing import ClassVar


class BppError(Exception):
    """Base of both families. The text is safe to send to the peer: it names the JSON path and what was expected."""

    code: ClassVar[str]

    def __init__(self, message: str, *, path: str = "", reason: str = "", wait: float | None = None) -> None:
        """``reason`` is for our own log. What was sent back before any work has ``wait``: seconds to the next try."""
        super().__init__(message)
        self.wait = wait
        self.message = message
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ProtocolError(BppError):
    """A message we cannot trust, parse, validate or refer to anything we know: a NACK, no callback."""

    http_status: ClassVar[int] = 200


class InvalidSignature(ProtocolError):
    """Header, key, time window, identity or signature did not hold. One text for all; ``reason`` says which."""

    code = "30016"
    http_status = 401

    def __init__(self, reason: str, *, gateway: bool = False) -> None:
        """``gateway`` tells which header failed and so which challenge header the 401 carries."""
        super().__init__("Invalid Signature", reason=reason)
        self.gateway = gateway


class MalformedRequest(ProtocolError):
    """Not JSON, or the path, the action or the recipient do not fit: HTTP 400."""

    code = "30000"
    http_status = 400


class MethodNotAllowed(ProtocolError):
    """Only POST is spoken on the network's paths."""

    code = "30000"
    http_status = 405


class BodyTooLarge(ProtocolError):
    """The body is longer than the limit."""

    code = "30000"
    http_status = 413


class UnsupportedMedia(ProtocolError):
    """Compressed, or not application/json."""

    code = "30000"
    http_status = 415


class InvalidRequest(ProtocolError):
    """The schema of the message, its domain or its version does not hold."""

    code = "30000"


class ProviderNotFound(ProtocolError):
    """No such provider."""

    code = "30001"


class LocationNotFound(ProtocolError):
    """The provider has several places and none of that id."""

    code = "30002"


class ItemNotFound(ProtocolError):
    """The provider does not offer such an item."""

    code = "30004"


class ProviderUnavailable(ProtocolError):
    """The provider is suspended: it takes no orders for the time being."""

    code = "30017"


class ProviderInactive(ProtocolError):
    """The provider's agreement is not in force on this day."""

    code = "30021"


class OrderNotFound(ProtocolError):
    """No such order of this buyer app."""

    code = "30018"


class StaleRequest(ProtocolError):
    """Too old, or the ids of an earlier message with another body."""

    code = "30022"


class OrderInvalid(ProtocolError):
    """An init or confirm that contradicts what was selected or quoted."""

    code = "31002"


class OrderBusy(ProtocolError):
    """Another change of the same order won; or its confirmation is still under way."""

    code = "31003"


class FeatureNotSupported(ProtocolError):
    """An action or feature that this seller does not offer."""

    code = "40001"


class FinderFeeUnacceptable(ProtocolError):
    """The buyer app's fee is more than the whole order, whatever that costs."""

    code = "41001"


class ScheduleMissing(ProtocolError):
    """A select without a slot."""

    code = "90003"


class Unavailable(ProtocolError):
    """We ourselves cannot work now; the sender shall try again."""

    code = "31001"
    http_status = 503


class TooManyRequests(Unavailable):
    """One sender asks faster than its share; the others are served."""

    http_status = 429


class BusinessError(BppError):
    """An answer that says no, inside ``on_<action>``, beside as much of the message as is true."""


class OfferInvalid(BusinessError):
    """No such offer of the provider, or not now."""

    code = "30006"


class OfferNotApplicable(BusinessError):
    """The offer does not apply to what is selected."""

    code = "30007"


class NotServiceable(BusinessError):
    """The place is outside what the provider serves."""

    code = "30009"


class TooFar(BusinessError):
    """The place is beyond the provider's distance."""

    code = "30010"


class PaymentFailed(BusinessError):
    """What is due in advance was not paid, and is not awaited."""

    code = "31004"


class ConfirmUnderWay(BusinessError):
    """The order's on_confirm has not reached the buyer app yet; until it has, or is given up, nothing may change."""

    code = "31003"


class UpdateNotPossible(BusinessError):
    """The terms of the order, or its state, do not allow the change."""

    code = "50002"


class InvalidReason(BusinessError):
    """The term in force wants a cancellation reason."""

    code = "30012"


class InvalidRating(BusinessError):
    """A rating is a whole number from 1 to 5, of an order of which a visit is completed."""

    code = "30015"


class NotConfirmed(BusinessError):
    """The provider did not accept the order in time, or declined it."""

    code = "30019"


class BelowMinimum(BusinessError):
    """The items come to less than the offer asks for."""

    code = "30023"


class ChoiceMissing(BusinessError):
    """Something that must be chosen with an item is not, or not enough of it (ADR 0016)."""

    code = "40000"


class QuantityUnavailable(BusinessError):
    """Not enough workers for that count."""

    code = "40002"


class QuoteExpired(BusinessError):
    """The quote is no longer valid."""

    code = "40003"


class PaymentTypeUnsupported(BusinessError):
    """The item is not sold with that type of payment."""

    code = "40004"


class WorkerUnavailable(BusinessError):
    """No eligible worker."""

    code = "40006"


class QuantityExceeded(BusinessError):
    """More than may be ordered at once."""

    code = "40009"


class RatingCategoryUnsupported(BusinessError):
    """This seller does not take ratings of that subject."""

    code = "50003"


class FulfillmentNotFound(BusinessError):
    """Several visits of the order could be meant, and none has the id named."""

    code = "50007"


class OrderTerminal(BusinessError):
    """The order is completed or cancelled."""

    code = "50008"


class SlotUnavailable(BusinessError):
    """The slot is past, taken or was never offered."""

    code = "90001"


class IncorrectOtp(BusinessError):
    """The customer's token was wrong or had run out."""

    code = "90002"
