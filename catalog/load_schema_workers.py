"""The CSV files of workers in a catalog directory; a part of ``catalog.load_schema``."""

from __future__ import annotations

from catalog import load_fields as read
from catalog.load_columns import Table, may, need

HOURS = (
    need("days", read.weekdays, "working days, 1 Monday to 7 Sunday", "1-7"),
    need("opens", read.clock, "start of work, Asia/Kolkata", "09:00"),
    need("closes", read.clock, "end of work, Asia/Kolkata", "18:00"),
    may("holidays", read.days, "dates without work", "2027-03-22; 2027-08-15", ()),
)
"""Columns that providers and workers share."""

WORKERS = Table(
    file="workers.csv",
    description="Workers, each registered by one provider.",
    key=("id",),
    columns=(
        need("id", read.identifier, "id of the worker, unique", "W-GOMTI-1"),
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("name", read.words, "name shown to the buyer", "Demo Worker One"),
        need("phone", read.phone, "telephone shown to the buyer", "9000000101"),
        may("email", read.email, "e-mail; the provider's is shown where empty", "worker1@example.in"),
        may("photo", read.url, "address of a photograph", "https://static.example.in/w1.png"),
        may("gender", read.one_of("female", "male", "other"), "female, male or other", "female"),
        need("gps", read.gps, "where the worker starts from: latitude,longitude", "26.850000,80.990000"),
        need("districts", read.many_districts, "districts the worker is registered for", "Lucknow"),
        may("verified_until", read.day, "last day of the police verification; empty: unverified", "2031-03-31", None),
        *HOURS,
        may("shares_location", read.flag, "yes: agrees that customers see where about", "no", default=False),
        may("active", read.flag, "yes or no", "yes", default=True),
        may("available", read.flag, "no: takes no jobs until further notice", "yes", default=True),
        may("verification", read.word, "number of the police verification", "PV-2026-0001"),
        may("external_id", read.word, "id in another register of the state", "SY-0001"),
    ),
)
SKILLS = Table(
    file="skills.csv",
    description="Services a worker is certified in.",
    key=("worker_id", "service_id"),
    columns=(
        need("worker_id", read.identifier, "id in workers.csv", "W-GOMTI-1"),
        need("service_id", read.identifier, "Sewamitra's service", "SM-PLB"),
        need("certified_until", read.day, "last day of the certificate", "2031-03-31"),
    ),
)
LEAVES = Table(
    file="leaves.csv",
    description="Days a worker is away, both ends included.",
    key=("worker_id", "first"),
    optional=True,
    columns=(
        need("worker_id", read.identifier, "id in workers.csv", "W-GOMTI-1"),
        need("first", read.day, "first day away", "2027-01-10"),
        need("last", read.day, "last day away", "2027-01-12"),
    ),
)
ENGAGEMENTS = Table(
    file="engagements.csv",
    description="Contracts that take a worker out of the pool for their days, both ends included.",
    key=("worker_id", "id"),
    optional=True,
    columns=(
        need("worker_id", read.identifier, "id in workers.csv", "W-GOMTI-1"),
        need("id", read.identifier, "id of the contract, unique for the worker", "E1"),
        need("mode", read.one_of("government", "industry", "citizen"), "who engages the worker", "government"),
        need("employer", read.words, "the department, firm or person", "Demo Department"),
        need("first", read.day, "first day", "2027-02-01"),
        need("last", read.day, "last day", "2027-02-28"),
        may("ended", read.day, "last day of one that ended early", "2027-02-20", None),
        may("ended_by", read.one_of("worker", "employer", "provider"), "who ended it early", "worker"),
    ),
)
WORKER_CREDS = Table(
    file="worker_creds.csv",
    description="Papers of workers that buyers may be shown.",
    key=("worker_id", "id"),
    optional=True,
    columns=(
        need("worker_id", read.identifier, "id in workers.csv", "W-GOMTI-1"),
        need("id", read.identifier, "number of the paper", "SM-ID-0001"),
        need("type", read.word, "kind of paper", "Identity card"),
        need("desc", read.words, "what it says", "Identity card of Sewamitra (demonstration)"),
        need("url", read.url, "where it can be seen", "https://static.example.in/w1-card.pdf"),
    ),
)
