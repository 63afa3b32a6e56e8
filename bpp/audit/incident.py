"""What is told of an incident: which columns of which logs, and the report that CERT-In asks for. Pure.

Nothing of consumers and no secret: of messages there are digests and ids, no body and no peer's words.

Source: CERT-In Directions of 28-Apr-2022: report within six hours, logs of 180 days, times traceable (network.md 6);
the fields are those of CERT-In's incident reporting form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from bpp.audit.sources import MESSAGES
from catalog.availability import KOLKATA

TOLD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        MESSAGES: (
            "at",
            "direction",
            "peer",
            "action",
            "transaction_id",
            "message_id",
            "body_digest",
            "answer_digest",
            "http_status",
            "outcome",
            "signature",
            "order_ref",
        ),
        "sign_in_events": ("at", "person_id", "event", "by", "detail"),
        "full_reads": ("at", "who", "role", "kind", "subject"),
    }
)
"""By table the columns that go into the bundle. A message's ``reason`` does not: peers write there what they like."""
_NUMBER = re.compile(r"\d(?:[ .()-]?\d){9,}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
BLANK = "______________________"
REPORT_TO = "incident@cert-in.org.in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the program knows for the report; ``counts`` are rows by table, ``findings`` what failed for the doctor."""

    organisation: str
    gstin: str
    contact: str
    contact_phone: str
    contact_email: str
    subscriber: str
    address: str
    environment: str
    program: str
    system: str
    database: str
    since: datetime
    until: datetime
    made_at: datetime
    counts: Mapping[str, int]
    audit: str
    findings: Sequence[str]


def scrubbed(text: str) -> str:
    """A text in which nobody can be called or written to: telephone numbers and addresses of mail are masked."""
    return _EMAIL.sub("***", _NUMBER.sub(lambda found: f"***{found[0][-2:]}", text))


def both_times(moment: datetime) -> str:
    """A moment in Indian time and in UTC."""
    return f"{moment.astimezone(KOLKATA):%Y-%m-%d %H:%M:%S} IST ({moment:%Y-%m-%d %H:%M:%S} UTC)"


def form(facts: Facts) -> str:
    """The report with what the program knows; what only people know is left blank."""
    counts = "\n".join(f"     {table}: {count} rows" for table, count in facts.counts.items())
    findings = "\n".join(f"     {one}" for one in facts.findings) or "     nothing failed"
    return f"""INCIDENT REPORT (to {REPORT_TO}, within 6 hours of noticing)
Made {both_times(facts.made_at)}

1. Who reports
   Organisation:        {facts.organisation}, GSTIN {facts.gstin}
   Sector:              e-commerce, seller network participant of ONDC
   Point of contact:    {facts.contact}
   Telephone, email:    {facts.contact_phone}, {facts.contact_email}

2. What is affected
   System:              {facts.subscriber}, {facts.address} ({facts.environment})
   Program:             {facts.program}
   Operating system:    {facts.system}
   Database:            {facts.database}
   Place and provider:  {BLANK}
   Addresses (IP):      {BLANK}
   Other systems:       {BLANK}

3. When
   Looked at, from:     {both_times(facts.since)}
              until:    {both_times(facts.until)}
   Happened:            {BLANK}
   Noticed:             {BLANK}

4. What happened
   Type (of CERT-In's Annexure I): {BLANK}
   In words:            {BLANK}
   What was noticed:    {BLANK}
   Personal data:       {BLANK}
   (The Data Protection Board and the persons themselves are told without delay, in detail within 72 hours.)

5. What was done
   {BLANK}

6. What the program says
   Audit chain:         {facts.audit}
   Examination:
{findings}

7. Logs in this bundle, times in UTC, without personal data of consumers
{counts}
   Bodies of messages stay in the database, by their digests. Clocks: see doctor.json, "clock".
"""
