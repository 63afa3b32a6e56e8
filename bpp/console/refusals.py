"""Why something was not done, in words: our codes and the faults of fields in the language of whoever is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from bpp.console.language import gettext, msg
from bpp.console.page import Problem
from bpp.operator.problems import ErrorObject, path_of

CODES: Mapping[str, str] = {
    "not_allowed": msg("This is not possible as things stand now."),
    "not_found": msg("There is no such thing here, or it is not yours to see."),
    "forbidden": msg("Your role does not allow this."),
    "incorrect_otp": msg("The OTP was wrong and is void. The next one is in the buyer app, or is told by telephone."),
    "override_needed": msg("Too many wrong OTPs. Only an administrator can start the work now, with a reason."),
    "slot_unavailable": msg("This time is not free. Please choose another one."),
    "slot_gone": msg("This time is not free. Please choose another one."),
    "quote_changed": msg("The price or the time is another by now. Please read it out anew before you book."),
    "too_many_held": msg(
        "You keep as many times for callers as one person may. Book one or let one go: the call desk lists them."
    ),
    "choice_missing": msg("Something that must be chosen with this service is missing."),
    "quantity_exceeded": msg("This is more than the provider does in one booking."),
    "worker_unavailable": msg("Nobody of this provider can do this."),
    "not_serviceable": msg("The provider does not come to this place."),
    "too_far": msg("The provider does not come to this place."),
    "quote_expired": msg("The price has changed. Please ask for it again."),
    "already_booked": msg("This is booked already."),
    "text_not_sent": msg("The text message could not be sent. Please read the words out."),
    "nothing_offered": msg("Please choose at least one solution."),
    "not_remediable": msg("The order does not allow this solution as it stands now."),
    "not_remediable amount": msg("So much cannot go back."),
    "no_buyer_app": msg("No buyer app brought this order."),
    "forgotten": msg("This complaint was forgotten with its order; nothing can be done in it any more."),
    "order_forgotten": msg("This order was forgotten: nobody is known any more who could complain."),
    "order_busy": msg("Somebody else is changing this order at this moment. Please try again."),
    "unavailable": msg("The system is busy. Please try again in a moment."),
    "internal": msg("Something went wrong on our side. It was noted; please try again."),
    "payout_refused id": msg("There is a payout of this name already, with another day or another least amount."),
    "payout_refused until": msg("A payout pays what was owed before now: this day is not over."),
    "payout_changed": msg("What is owed has changed since this page was shown. Nothing was paid; please look again."),
    "receipt_refused reference": msg("This reference of the same payer was recorded for another payment."),
    "receipt_refused payer": msg("Nobody of this name is known here."),
    "receipt_refused amount": msg(
        "The books have less than this for this payer. Please look at the amount and the payer."
    ),
    "receipt_refused finder_fee": msg("The books have a smaller finder fee for this buyer app."),
    "receipt_refused finder_fee_gst": msg("The books have less GST on the finder fee of this buyer app."),
    "no_file": msg("Please choose a file."),
    "empty": msg("There is no row in the file."),
    "no_headings": msg("No row of the sheet has headings that we know, such as service, work and rate."),
    "not_text": msg(
        "The file is no text that we can read: please save it as CSV in UTF-8, or as an Excel file (XLSX)."
    ),
    "not_xlsx": msg("The Excel file cannot be read: please save it once more as XLSX."),
    "too_big": msg("The file is too large for a rate list."),
    "nothing_to_take": msg("Taken so, the list changes nothing: mend the refused rows, or take the sound ones alone."),
    "faulty_fee": msg("Please give rupees, such as 499.00."),
    "faulty_charge": msg("Please give rupees, such as 50, or per cent from 0 to 100."),
    "still_needed": msg("Workers or fees of yours still need what would be taken away. Please change those first."),
    "area_exists": msg("There is such an area for this place and this trade already. Please change that one."),
    "no_pincode": msg("Please tick at least one pincode."),
    "booked": msg("Jobs are booked on these days. Tick that they go to others, or choose other days."),
    "phone_taken": msg("Another sewamitra signs in with this number already. Each needs a number of his or her own."),
    "invalid penalty": msg("Customers may not be charged more than is paid to them where you cancel."),
    "invalid penalty_percentage": msg("Customers may not be charged more than is paid to them where you cancel."),
    "invalid phone": msg("Please give a telephone number of ten digits."),
    "invalid districts": msg("Please choose at least one district."),
    "invalid services": msg("Please choose at least one service."),
    "invalid areas": msg("At least one area must stay."),
    "invalid km": msg("Please give kilometres: above 0, at most 1000."),
    "invalid days": msg("Please choose at least one working day."),
    "invalid opens": msg("Please give both times; work must end later than it begins."),
    "invalid closes": msg("Please give both times; work must end later than it begins."),
    "invalid max_price": msg("The price struck through must not be below the fee."),
    "invalid first": msg("Something is noted on some of these days already, or is not noted any more."),
    "invalid last": msg("The last day lies before the first one, or is not earlier than the end that is noted."),
    "nothing_chosen": msg("Please tick at least one order."),
    "settlement_no_table": msg("The file is no table that we can read: please save it as CSV, in UTF-8."),
    "settlement_no_columns": msg("The first row must name the columns order_id, reference and amount."),
    "settlement_no_rows": msg("There is no row in the file."),
    "settlement_too_long": msg("The file is too large: two thousand rows at most."),
    "settlement_off": msg("Settlement is off (BPP_SETTLEMENT); nothing is filed."),
    "answers_unreadable": msg("The file cannot be read as answers of the agency. Nothing was taken in."),
    "answer_refused": msg("The file answers what was not filed. Nothing of it was taken in."),
    "login_form": msg("A login has three to forty small letters and figures; dots and hyphens may stand between them."),
    "login_taken": msg("Somebody else has this login already."),
    "name_form": msg("Please give a name of at most a hundred characters."),
    "unknown_provider": msg("Please choose the service provider whose person this is."),
    "unknown_district": msg("Please choose the district of this officer."),
    "role_by_telephone": msg("Sewamitras sign in by telephone; nobody is made one here."),
    "last_administrator": msg("This is the last administrator. Make somebody else one first."),
    "no_password": msg("Sewamitras have no password; they sign in by telephone."),
    "seal_broken": msg("The bank details cannot be read. Please tell the engineer on call."),
    "charge_changed": msg("The charge has changed in the meantime. Nothing was done; please say the new one first."),
    "update_not_possible": msg("The terms or the state of the order do not allow this now."),
    "order_terminal": msg("The work is over; nothing can be changed any more."),
    "confirm_under_way": msg("The buyer app has not taken the confirmation yet. Please try again in a moment."),
    "invalid_rating": msg("This cannot be rated now: the work is not done, too long ago, or rated by who did it."),
    "shown_by_buyer_app": msg("The customer sees the OTP in the buyer app."),
    "superseded": msg("A newer answer has taken the place of this one."),
    "under_way": msg("It is being sent at this moment."),
    "leased": msg("It is being sent at this moment."),
    "erased": msg("It was erased when its time was over; there is nothing to send."),
}
"""Codes, some with their field, that have words of their own; the rest is told as it came, under a general sentence."""
DETAILED = frozenset({"answers_unreadable", "answer_refused"})
"""Codes whose text names the line or the place, which words of ours do not."""
GENERAL = msg("This could not be done.")
FIELDS: Mapping[str, str] = {
    "missing": msg("Please fill this in."),
    "string_too_short": msg("Please fill this in."),
    "string_too_long": msg("This is too long."),
    "extra_forbidden": msg("There is no such field."),
    "date_from_datetime_parsing": msg("Please give a date."),
    "date_parsing": msg("Please give a date."),
    "datetime_parsing": msg("Please give a date and a time."),
    "datetime_from_date_parsing": msg("Please give a date and a time."),
    "int_parsing": msg("Please give a number."),
    "decimal_parsing": msg("Please give a number."),
    "rupees_parsing": msg("Please give rupees, such as 499.00."),
    "greater_than": msg("This number is too small."),
    "greater_than_equal": msg("This number is too small."),
    "less_than": msg("This number is too large."),
    "less_than_equal": msg("This number is too large."),
    "literal_error": msg("Please choose one of the list."),
    "half_a_line": msg("Each line needs a name and a price."),
    "said_wrongly_phone": msg("Please give a telephone number of ten digits."),
    "said_wrongly_pincode": msg("Please give a pincode of six digits."),
    "enum": msg("Please choose one of the list."),
}
"""Faults of a field, by pydantic's names for them."""
FAULTY = msg("This cannot be taken as it is.")


def problem(error: ErrorObject) -> Problem:
    """A refusal of ours in words; what it says in English stays as the detail."""
    words = CODES.get(f"{error.code} {error.path}", CODES.get(error.code))
    return Problem(
        code=error.code,
        words=gettext(words if words is not None else GENERAL),
        field=error.path,
        allowed=tuple(error.allowed),
        detail="" if words is not None and error.code not in DETAILED else error.message,
    )


def faults(error: ValidationError) -> Sequence[Problem]:
    """Each faulty field with what is wrong with it."""
    found = []
    for one in error.errors(include_url=False):
        words = FIELDS.get(one["type"])
        detail = "" if words is not None else one["msg"].removeprefix("Value error, ")
        text = gettext(words if words is not None else FAULTY)
        found.append(Problem(code=one["type"], words=text, field=path_of(one["loc"]), detail=detail))
    return found
