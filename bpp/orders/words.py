"""An order in words, English and Hindi: what a call-centre operator reads out, and what a text message says.

Hindi is written so that it fits women and men alike. The tables hold one row for each stage and each event; a test
compares them with the state table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bpp.orders.model import Fulfillment, LineItem, Order, Payment
from bpp.orders.states import Event, Stage
from catalog.availability import KOLKATA
from catalog.model import PaymentType
from catalog.money import ZERO, Money, total

Fill = Mapping[str, str]
Hindi = Mapping[str, str]
"""Names of services and providers in Hindi, by the English ones; one that is not there is said as it is."""


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence or more in both languages."""

    en: str
    hi: str

    def filled(self, en: Fill, hi: Fill) -> Words:
        """The same with its gaps filled."""
        return Words(self.en.format_map(en), self.hi.format_map(hi))

    def __add__(self, other: Words) -> Words:
        return Words(f"{self.en} {other.en}", f"{self.hi} {other.hi}")


WORKERS: Mapping[str, Words] = {
    "SM-PLB": Words("plumber", "प्लंबर"),
    "SM-ELC": Words("electrician", "इलेक्ट्रीशियन"),
    "SM-CRP": Words("carpenter", "बढ़ई"),
    "SM-PNT": Words("painter", "पेंटर"),
    "SM-ACT": Words("AC technician", "एसी तकनीशियन"),
    "SM-HCL": Words("cleaner", "सफाई कर्मचारी"),
    "SM-COK": Words("cook", "रसोइया"),
    "SM-BTY": Words("beautician", "ब्यूटीशियन"),
    "SM-MEC": Words("mechanic", "मैकेनिक"),
    "SM-DRV": Words("driver", "ड्राइवर"),
}
ANY_WORKER = Words("worker", "सेवामित्र")

NOT_ACCEPTED = Words("The provider has still to accept the order.", "सेवा प्रदाता ने बुकिंग अभी स्वीकार नहीं की है।")
STATES: Mapping[Stage, Words] = {
    Stage.PENDING: Words(
        "Booked for {when}; who comes is still to be said.", "{when} के लिए बुकिंग है; कौन आएगा, यह अभी तय होना है।"
    ),
    Stage.ASSIGNED: Words("The {who} comes on {when}.", "{who} {when} पर पहुँचने वाले हैं।"),
    Stage.EN_ROUTE: Words("The {who} is on the way.", "{who} रास्ते में हैं।"),
    Stage.ARRIVED: Words(
        "The {who} is at the door and asks for the OTP.", "{who} दरवाज़े पर हैं; काम शुरू करने के लिए OTP बताना है।"
    ),
    Stage.STARTED: Words("The {who} is at work.", "{who} का काम चल रहा है।"),
    Stage.COMPLETED: Words("The work is done.", "काम पूरा हो गया है।"),
    Stage.CANCELLED: Words("The order was cancelled.", "बुकिंग रद्द हो गई है।"),
}
CANCELLED_BY: Mapping[str, Words] = {
    "CONSUMER": Words("The order was cancelled by the customer.", "बुकिंग ग्राहक की ओर से रद्द हुई है।"),
    "SELLER": Words("The order was cancelled by the provider.", "बुकिंग सेवा प्रदाता की ओर से रद्द हुई है।"),
}
QUOTED = Words(
    "A quotation of Rs {amount} waits for the customer's word.",
    "₹{amount} का नया कोटेशन ग्राहक के जवाब का इंतज़ार कर रहा है।",
)
STEPS: Mapping[Event, Words] = {
    Event.ACCEPT: Words("The provider accepts the order.", "सेवा प्रदाता बुकिंग स्वीकार करे।"),
    Event.DECLINE: Words("The provider declines the order.", "सेवा प्रदाता बुकिंग अस्वीकार करे।"),
    Event.ASSIGN: Words("Send somebody, or somebody else.", "किसी को, या किसी और को भेजें।"),
    Event.REASSIGN: Words("Send another in the place of who cannot come.", "जो नहीं आ सकते, उनकी जगह किसी और को भेजें।"),
    Event.UNASSIGN: Words("Note that who was sent cannot come.", "दर्ज करें कि जो आने वाले थे, वे नहीं आ सकते।"),
    Event.DEPART: Words("The worker sets off.", "सेवामित्र घर से निकले।"),
    Event.ARRIVE: Words("The worker reaches the door.", "सेवामित्र दरवाज़े पर पहुँचे।"),
    Event.START: Words("The customer tells the worker the OTP and the work begins.", "ग्राहक OTP बताए और काम शुरू हो।"),
    Event.COMPLETE: Words("The worker says that the work is done.", "सेवामित्र बताए कि काम पूरा हो गया।"),
    Event.CANCEL: Words("Cancel; say the charge first.", "रद्द करें; पहले शुल्क बताएँ।"),
    Event.RESCHEDULE: Words("Another time; say the charge first.", "समय बदलें; पहले शुल्क बताएँ।"),
    Event.REQUOTE: Words("The provider quotes for more work.", "सेवा प्रदाता और काम का कोटेशन दे।"),
    Event.ACCEPT_QUOTE: Words("The customer takes the quotation.", "ग्राहक कोटेशन स्वीकार करे।"),
    Event.REJECT_QUOTE: Words("The customer refuses the quotation.", "ग्राहक कोटेशन अस्वीकार करे।"),
    Event.PAY: Words("Note that the money has come in.", "भुगतान मिलने की सूचना दर्ज करें।"),
    Event.REFUND: Words("Money goes back to the customer.", "ग्राहक को पैसे वापस करें।"),
    Event.REDO: Words("The work is done again without charge.", "काम बिना शुल्क दोबारा कराएँ।"),
    Event.RENEW_OTP: Words("Another OTP for the customer.", "ग्राहक के लिए नया OTP।"),
}
PAYING: Mapping[PaymentType, Words] = {
    "PRE-FULFILLMENT": Words("Rs {amount} to be paid in advance by our link", "₹{amount} पहले हमारे लिंक से देने हैं"),
    "ON-FULFILLMENT": Words("Rs {amount} to be paid at the door", "₹{amount} दरवाज़े पर देने हैं"),
    "POST-FULFILLMENT": Words(
        "Rs {amount} to be paid after the work by our link", "₹{amount} काम के बाद हमारे लिंक से देने हैं"
    ),
}
PAID = Words("Rs {amount} paid", "₹{amount} मिल गए हैं")
NOTHING_DUE = Words("nothing to pay", "कुछ देना नहीं है")
BOOKED = Words(
    "Booking {number}: {what}, by {provider}, on {when}. {money}. Tell nobody the OTP before the worker is at the door."
    " Helpline {helpline}.",
    "बुकिंग नंबर {number}: {what}, {provider} की ओर से, {when}। {money}। सेवामित्र के दरवाज़े पर आने से पहले OTP किसी को न बताएँ।"
    " हेल्पलाइन {helpline}।",
)
CANCELLING = Words(
    "Cancelling costs Rs {fee} now; Rs {refund} come back.", "अभी रद्द करने पर ₹{fee} शुल्क लगेगा; ₹{refund} वापस मिलेंगे।"
)
MOVING = Words("Another time costs Rs {fee} now.", "अभी समय बदलने पर ₹{fee} शुल्क लगेगा।")
HOLDS_UNTIL = Words("That holds until {when}.", "यह {when} तक लागू है।")
PRICED = Words("{what} by {provider}: Rs {total}, tax included.", "{what}, {provider} की ओर से: कर सहित ₹{total}।")
SLOT_KEPT = Words("{when} is kept for you until {until}.", "{when} का समय {until} तक आपके लिए रखा है।")
TELL_OTP = Words("The OTP is {otp}: tell it to the worker at the door.", "OTP {otp} है: दरवाज़े पर आए सेवामित्र को बताएँ।")
NOTHING: Mapping[str, Words] = {
    "not_understood": Words(
        "No service of that name is known. Please say it in other words.",
        "इस नाम की कोई सेवा नहीं मिली। कृपया दूसरे शब्दों में बताएँ।",
    ),
    "outside": Words("The place is not in Uttar Pradesh.", "यह जगह उत्तर प्रदेश में नहीं है।"),
    "no_provider": Words("Nobody does this in the district yet.", "ज़िले में अभी यह सेवा देने वाला कोई नहीं है।"),
    "out_of_reach": Words("Providers of the district do not come to this place.", "ज़िले के सेवा प्रदाता इस जगह तक नहीं आते।"),
    "no_free_slot": Words("Nobody is free in the days on offer.", "अगले दिनों में कोई समय खाली नहीं है।"),
}
MONTHS = (
    ("January", "जनवरी"), ("February", "फ़रवरी"), ("March", "मार्च"), ("April", "अप्रैल"), ("May", "मई"),
    ("June", "जून"), ("July", "जुलाई"), ("August", "अगस्त"), ("September", "सितंबर"), ("October", "अक्टूबर"),
    ("November", "नवंबर"), ("December", "दिसंबर"),
)  # fmt: skip
NOON = 12
PARTS_OF_DAY = ((4, "रात"), (12, "सुबह"), (16, "दोपहर"), (20, "शाम"), (24, "रात"))
"""Until which hour a part of the day lasts, as people name it."""


def when(moment: datetime) -> Words:
    """A moment in Kolkata as people say it: ``23 November, 2:30 pm`` and ``23 नवंबर, दोपहर 2:30 बजे``."""
    local = moment.astimezone(KOLKATA)
    en, hi = MONTHS[local.month - 1]
    part = next(name for until, name in PARTS_OF_DAY if local.hour < until)
    clock = f"{local.hour % NOON or NOON}:{local:%M}"
    half = "am" if local.hour < NOON else "pm"
    return Words(f"{local.day} {en}, {clock} {half}", f"{local.day} {hi}, {part} {clock} बजे")


def who(items: tuple[LineItem, ...]) -> Words:
    """Who does such work; a worker of any trade where several are needed or the trade has no word for a person."""
    trades = {item.service_id for item in items}
    return WORKERS.get(trades.pop(), ANY_WORKER) if len(trades) == 1 else ANY_WORKER


def state(order: Order) -> Words:
    """How an order stands."""
    visit = order.visit
    told = _stage(order, visit)
    quoted = [
        QUOTED.filled(*_both(amount=str(total(line.amount for line in one.lines)))) for one in order.open_proposals
    ]
    for one in quoted:
        told += one
    return told


def priced(items: tuple[LineItem, ...], provider: str, total_: Money, hindi: Hindi) -> Words:
    """A price as it is read out."""
    work, amount = what(items, hindi), {"total": str(total_)}
    en, hi = {"what": work.en, "provider": provider}, {"what": work.hi, "provider": hindi.get(provider, provider)}
    return PRICED.filled({**amount, **en}, {**amount, **hi})


def slot_kept(start: datetime, until: datetime) -> Words:
    """That a slot is held, and until when."""
    at, end = when(start), when(until)
    return SLOT_KEPT.filled({"when": at.en, "until": end.en}, {"when": at.hi, "until": end.hi})


def charge(kind: Words, until: datetime | None, **amounts: Money) -> Words:
    """What ``CANCELLING`` or ``MOVING`` costs, and until when that holds."""
    told = kind.filled(*_both(**{name: str(amount) for name, amount in amounts.items()}))
    if until is None:
        return told
    end = when(until)
    return told + HOLDS_UNTIL.filled({"when": end.en}, {"when": end.hi})


def confirmation(order: Order, helpline: str, hindi: Hindi) -> Words:
    """What somebody who has booked is told: number, work, provider, time, money, and what the OTP is for."""
    at, money, work = when(order.visit.slot.start), _money(order.payments), what(order.items, hindi)
    provider, numbers = order.seller.name, {"number": order.order_id, "helpline": helpline}
    told = BOOKED.filled(
        {**numbers, "what": work.en, "provider": provider, "when": at.en, "money": money.en},
        {**numbers, "what": work.hi, "provider": hindi.get(provider, provider), "when": at.hi, "money": money.hi},
    )
    return told if order.accepted else told + NOT_ACCEPTED


def what(items: tuple[LineItem, ...], hindi: Hindi) -> Words:
    """The work, and how many of each."""
    return Words(_listed(items, {}), _listed(items, hindi))


def _listed(items: tuple[LineItem, ...], names: Hindi) -> str:
    said = [(names.get(one.name, one.name), one.count) for one in items]
    return ", ".join(f"{name} x {count}" if count > 1 else name for name, count in said)


def _stage(order: Order, visit: Fulfillment) -> Words:
    if order.cancellation is not None:
        return CANCELLED_BY[order.cancellation.cancelled_by]
    if not order.accepted:
        return NOT_ACCEPTED
    worker, at = who(order.of_visit(visit)), when(visit.slot.start)
    return STATES[visit.stage].filled({"who": worker.en, "when": at.en}, {"who": worker.hi, "when": at.hi})


def _money(payments: tuple[Payment, ...]) -> Words:
    told = [
        (PAID if one.status == "PAID" else PAYING[one.type]).filled(*_both(amount=str(one.amount)))
        for one in payments
        if one.amount != ZERO
    ]
    if not told:
        return NOTHING_DUE
    return Words(", ".join(one.en for one in told), ", ".join(one.hi for one in told))


def _both(**gaps: str) -> tuple[Fill, Fill]:
    return gaps, gaps
