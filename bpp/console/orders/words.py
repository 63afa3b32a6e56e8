"""What happens to an order, in words: each table has a row for every value that there is, and a test compares."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import msg
from bpp.core.help import SUPPORT_ASKED
from bpp.core.otp import OTP_TOLD
from bpp.core.reassign import ESCALATE
from bpp.ledger.model import Party, Purpose
from bpp.orders.ratings import AGENT
from bpp.orders.states import Event, OrderStatus, Stage

BOOK = "book"
"""The first event of an order to which nobody was assigned (``bpp.core.book``)."""
COMPLAINT = "complaint"
"""A line of timelines from before complaints had tickets."""
STAGES: Mapping[str, str] = {
    Stage.PENDING: msg("No worker chosen"),
    Stage.ASSIGNED: msg("Worker chosen"),
    Stage.EN_ROUTE: msg("On the way"),
    Stage.ARRIVED: msg("At the door"),
    Stage.STARTED: msg("At work"),
    Stage.COMPLETED: msg("Work done"),
    Stage.CANCELLED: msg("Cancelled"),
}
"""Where a visit stands."""
STATUSES: Mapping[str, str] = {
    OrderStatus.CREATED: msg("Waits for the provider's word"),
    OrderStatus.ACCEPTED: msg("Accepted"),
    OrderStatus.IN_PROGRESS: msg("Under way"),
    OrderStatus.COMPLETED: msg("Completed"),
    OrderStatus.CANCELLED: msg("Cancelled"),
    OrderStatus.PENDING: msg("Quotation waits for the customer"),
}
"""Where the whole order stands."""
CHANNELS: Mapping[str, str] = {
    "ondc": msg("ONDC buyer app"),
    "portal": msg("Portal"),
    "app": msg("Sewamitra app"),
    "call_centre": msg("Call centre"),
    "csc": msg("Common Service Centre"),
    "department": msg("Government department"),
}
"""By which way it was booked."""
EVENTS: Mapping[str, str] = {
    Event.ACCEPT: msg("The provider accepted the order."),
    Event.DECLINE: msg("The provider declined the order."),
    Event.ASSIGN: msg("A worker was assigned."),
    Event.DEPART: msg("The worker set off."),
    Event.ARRIVE: msg("The worker reached the door."),
    Event.START: msg("The work began."),
    Event.COMPLETE: msg("The work was finished."),
    Event.CANCEL: msg("The order was cancelled."),
    Event.RESCHEDULE: msg("The visit was moved to another time."),
    Event.REQUOTE: msg("A quotation for more work was given."),
    Event.ACCEPT_QUOTE: msg("The customer took the quotation."),
    Event.REJECT_QUOTE: msg("The customer refused the quotation."),
    Event.EXPIRE_QUOTE: msg("The quotation ran out without an answer."),
    Event.ASK_QUOTE: msg("The customer asked for a quotation."),
    Event.PAY: msg("A payment came in."),
    Event.RENEW_OTP: msg("The customer got another OTP."),
    Event.REASSIGN: msg("Another worker was chosen."),
    Event.UNASSIGN: msg("The worker dropped out; nobody is chosen yet."),
    Event.REFUND: msg("Money was given back to the customer."),
    Event.REDO: msg("The work is done again, without charge."),
    BOOK: msg("The order was booked; no worker is chosen yet."),
    OTP_TOLD: msg("The OTP was told by telephone."),
    SUPPORT_ASKED: msg("The customer wants to be called back."),
    ESCALATE: msg("The worker is late and nobody else can come: please look after it."),
    COMPLAINT: msg("The customer complained."),
}
"""What happened to an order."""
BOOKED = msg("The order was booked, and a worker was assigned.")
WRONG_OTP = msg("The OTP did not fit; the work did not begin.")
URGENT = frozenset({Event.DECLINE, Event.CANCEL, Event.UNASSIGN, ESCALATE, COMPLAINT, SUPPORT_ASKED})
"""Events that somebody should look at."""
BY, VISIT = msg("By"), msg("Visit")
DETAILS: Mapping[str, str] = {
    "by": BY,
    "reason": msg("Reason"),
    "note": msg("Note"),
    "override": msg("Started without the OTP because"),
    "worker_id": msg("Worker"),
    "dropped": msg("Dropped out"),
    "start": msg("New time"),
    "quote_id": msg("Quotation"),
    "callback_phone": msg("Call back at"),
    "serial": msg("OTP number"),
    "complaint": msg("Complaint"),
    "issue_id": msg("Number of the complaint"),
    "amount": msg("Amount"),
    "fulfillment_id": VISIT,
}
"""What is told of an event."""
FURTHER = msg("Further")
BY_ITSELF = msg("By itself")
CUSTOMER = msg("Customer")
PROVIDER_SIDE = msg("Provider")
ACTORS: Mapping[str, str] = {"buyer": CUSTOMER, "seller": PROVIDER_SIDE, "system": BY_ITSELF}
"""Whose side it was, where nobody is named."""
UNNAMED: Mapping[str, str] = {"timer": BY_ITSELF, "delivery": BY_ITSELF}
"""Who acts that is nobody."""
ASKED: Mapping[str, str] = {
    "search": msg("The buyer app searched."),
    "select": msg("The buyer app chose a service and a time."),
    "init": msg("The buyer app gave the customer's name and address."),
    "confirm": msg("The buyer app confirmed the order."),
    "status": msg("The buyer app asked how the order stands."),
    "track": msg("The buyer app asked where the worker is."),
    "cancel": msg("The buyer app asked to cancel."),
    "update": msg("The buyer app asked for a change."),
    "rating": msg("The buyer app gave a rating."),
    "support": msg("The buyer app asked for help."),
    "issue": msg("The buyer app handed on a complaint."),
    "issue_status": msg("The buyer app asked how a complaint stands."),
    "on_issue": msg("The buyer app answered our complaint."),
    "on_issue_status": msg("The buyer app told how our complaint stands."),
    "recon": msg("The buyer app compared with us what it owes."),
    "on_recon": msg("The buyer app answered our comparison of what it owes."),
    "on_settle": msg("The settlement agency said what it settled."),
    "on_report": msg("The settlement agency said again what it settled."),
}
"""What a buyer app says to us, by the action of the network."""
ANSWERED: Mapping[str, str] = {
    "on_search": msg("Offers were sent to the buyer app."),
    "on_select": msg("Price and time were sent to the buyer app."),
    "on_init": msg("Price, terms and payment were sent to the buyer app."),
    "on_confirm": msg("The confirmation was sent to the buyer app."),
    "on_status": msg("The buyer app was told how the order stands."),
    "on_track": msg("The buyer app was told where the worker is."),
    "on_cancel": msg("The buyer app was told of the cancellation."),
    "on_update": msg("The buyer app was told of the change."),
    "on_rating": msg("The rating was acknowledged to the buyer app."),
    "on_support": msg("The buyer app was told how to reach us."),
    "issue": msg("We complained to the buyer app."),
    "on_issue": msg("The buyer app was told what we do about the complaint."),
    "on_issue_status": msg("The buyer app was told how the complaint stands."),
    "settle": msg("Orders were filed with the settlement agency."),
    "report": msg("The settlement agency was asked what it settled."),
    "recon": msg("We compared with the buyer app what it owes."),
    "on_recon": msg("The buyer app was told whether we agree to what it says it owes."),
}
"""What we say to a buyer app."""
UNKNOWN_MESSAGE = msg("A message that is not understood.")
CALLBACK_STATES: Mapping[str, str] = {
    "pending": msg("Waits to be sent"),
    "delivered": msg("Delivered"),
    "refused": msg("Refused by the buyer app"),
    "given_up": msg("Given up after many tries"),
    "superseded": msg("Not needed: a newer answer took its place"),
}
"""How an answer to a buyer app fares."""
PAYMENT_TYPES: Mapping[str, str] = {
    "PRE-FULFILLMENT": msg("In advance"),
    "ON-FULFILLMENT": msg("At the door"),
    "POST-FULFILLMENT": msg("After the work"),
}
"""When a payment falls due."""
COLLECTORS: Mapping[str, str] = {"BAP": msg("collected by the buyer app"), "BPP": msg("collected by us")}
"""Who takes it."""
PAPERS: Mapping[str, str] = {
    "payment_page": msg("Page to pay by"),
    "invoice": msg("Invoice"),
    "part_invoice": msg("Invoice for a part"),
    "credit_note": msg("Credit note"),
}
"""Pages of an order that whoever has the address may see."""
LINE_KINDS: Mapping[str, str] = {
    "item": msg("Work"),
    "customization": msg("Choice"),
    "tax": msg("Tax"),
    "discount": msg("Discount"),
    "misc": msg("Charge"),
    "refund": msg("Given back"),
}
"""What a line of a price is."""
RATED: Mapping[str, str] = {
    "Provider": msg("Provider"),
    "Order": msg("Order"),
    "Fulfillment": VISIT,
    "Item": msg("Service"),
    AGENT: msg("Worker"),
}
"""What a value of a rating is about, by the network's word for it."""
PROPOSALS: Mapping[str, str] = {
    "open": msg("waits for the customer"),
    "accepted": msg("taken"),
    "rejected": msg("refused"),
    "expired": msg("ran out"),
    "withdrawn": msg("withdrawn"),
}
"""What became of a quotation."""
PARTIES: Mapping[str, str] = {
    Party.CONSUMER: msg("Customer"),
    Party.BUYER_APP: msg("Buyer app"),
    Party.PROVIDER: msg("Provider"),
    Party.WORKER: msg("Worker"),
    Party.SAMITI: msg("Samiti"),
    Party.TAX: msg("Tax office"),
    Party.NETWORK: msg("ONDC network"),
}
"""Whose account it is."""
PURPOSES: Mapping[str, str] = {
    Purpose.DUE: msg("due"),
    Purpose.COLLECTED: msg("money collected"),
    Purpose.FINDER_FEE: msg("finder fee"),
    Purpose.FINDER_FEE_GST: msg("GST on the finder fee"),
    Purpose.WALLET: msg("wallet"),
    Purpose.CASH_IN_HAND: msg("cash in hand"),
    Purpose.CASH_WITH_WORKERS: msg("cash with workers"),
    Purpose.BANK: msg("bank account"),
    Purpose.COMMISSION: msg("share"),
    Purpose.PENALTY: msg("penalties"),
    Purpose.NETWORK_FEE: msg("network fee"),
    Purpose.GST_ON_COMMISSION: msg("GST on the share"),
    Purpose.GST_9_5: msg("GST under section 9(5)"),
    Purpose.TCS: msg("TCS"),
    Purpose.TDS: msg("TDS"),
}
"""What an account is kept for."""
