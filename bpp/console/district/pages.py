"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpp.console.district import applications, dashboard, demand, orders, papers, providers, report, reviews, workers
from bpp.console.language import msg
from bpp.console.menu import Entry, own_district
from bpp.console.page import Acting, Deed, Form, NoFields, Page, Reading
from bpp.people.model import Role

OFFICER = frozenset({Role.OFFICER})
ADMIN = frozenset({Role.ADMIN})
HERE = "/district/{district}"


def _page(path: str, name: str, title: str, read: Reading, template: str = "", **more: Any) -> Page:
    """A page of a district; its template bears its name where nothing else is said."""
    template = template or f"{name.replace('-', '_')}.html"
    return Page(path=f"{HERE}{path}", name=name, title=title, roles=OFFICER, read=read, template=template, **more)


def _deed(
    path: str, name: str, act: Acting, page: str, said: str, form: type[Form] = NoFields, *, alters: bool = True
) -> Deed:
    """What an officer does; most of it changes the catalog."""
    return Deed(
        path=f"{HERE}{path}",
        name=name,
        roles=OFFICER,
        act=act,
        page=page,
        said=said,
        form=form,
        alters_catalog=alters,
    )


PROVIDER, WORKER = "/providers/{provider}", "/workers/{worker}"
APPLICATION, REVIEW = "/applications/{application}", "/reviews/{review}"
PAGES: tuple[Page, ...] = (
    Page(
        path="/districts",
        name="districts",
        title=msg("Districts"),
        roles=ADMIN,
        read=dashboard.read_districts,
        template="districts.html",
    ),
    _page("", "district", msg("District at a glance"), dashboard.read_dashboard),
    _page(
        "/providers",
        "district-providers",
        msg("Service providers"),
        providers.read_providers,
        query=providers.ProvidersQuery,
    ),
    _page(PROVIDER, "district-provider", msg("Service provider"), providers.read_provider, audited=True),
    _page(f"{PROVIDER}/agreement", "district-agreement", msg("Renew the agreement"), providers.read_agreement),
    _page(
        "/workers",
        "district-workers",
        msg("Sewamitras"),
        workers.read_workers,
        query=workers.WorkersQuery,
        audited=True,
    ),
    _page(WORKER, "district-worker", msg("Sewamitra"), workers.read_one, audited=True),
    _page(
        f"{WORKER}/verification",
        "district-verification",
        msg("Record a police verification"),
        workers.read_paper_form,
        audited=True,
    ),
    _page(
        f"{WORKER}/certificate",
        "district-certificate",
        msg("Record a certificate"),
        workers.read_paper_form,
        query=workers.PaperQuery,
        audited=True,
    ),
    _page("/papers", "district-papers", msg("Papers"), papers.read_papers, query=papers.PapersQuery, audited=True),
    _page("/demand", "district-demand", msg("Unserved demand"), demand.read_demand, query=demand.GapsQuery),
    _page("/orders", "district-orders", msg("Bookings"), orders.read_orders, query=orders.OrdersQuery),
    _page(
        "/applications",
        "district-applications",
        msg("Applications"),
        applications.read_applications,
        query=applications.ApplicationsQuery,
    ),
    _page(APPLICATION, "district-application", msg("Application"), applications.read_application, audited=True),
    _page(REVIEW, "district-review", msg("Review"), reviews.read_review, audited=True),
    _page("/report", "district-report", msg("Monthly report"), report.read_report, query=report.ReportQuery),
    _page(
        "/report.xlsx",
        "district-report-xlsx",
        msg("Monthly report"),
        report.read_sheet,
        "district_report.html",
        query=report.ReportQuery,
    ),
    _page(
        "/report.pdf",
        "district-report-pdf",
        msg("Monthly report"),
        report.read_report,
        "district_report_pdf.html",
        query=report.ReportQuery,
        turned=report.to_pdf,
    ),
)
DEEDS: tuple[Deed, ...] = (
    _deed(
        f"{PROVIDER}/suspend",
        "district-provider-suspend",
        providers.suspend,
        "district-provider",
        msg("The provider is suspended: nothing of it is in the catalogue any more. Bookings that were made go on."),
        providers.WithReason,
    ),
    _deed(
        f"{PROVIDER}/restore",
        "district-provider-restore",
        providers.restore,
        "district-provider",
        msg("The provider is restored and sells again, as long as its agreement is in force."),
        providers.WithReason,
    ),
    _deed(
        f"{PROVIDER}/agreement",
        "district-agreement-renew",
        providers.renew,
        "district-agreement",
        msg("The agreement was renewed."),
        providers.Renewal,
    ),
    _deed(
        f"{WORKER}/suspend",
        "district-worker-suspend",
        workers.suspend,
        "district-worker",
        msg("The Sewamitra is suspended and is sent to nobody any more."),
        workers.Suspension,
    ),
    _deed(
        f"{WORKER}/restore",
        "district-worker-restore",
        workers.restore,
        "district-worker",
        msg("The Sewamitra is restored and may be sent again."),
        providers.WithReason,
    ),
    _deed(
        f"{WORKER}/verification",
        "district-worker-verify",
        workers.verify,
        "district-verification",
        msg("The police verification was recorded."),
        workers.Verification,
    ),
    _deed(
        f"{WORKER}/certificate",
        "district-worker-certify",
        workers.certify,
        "district-certificate",
        msg("The certificate was recorded."),
        workers.Certificate,
    ),
    _deed(
        f"{APPLICATION}/review",
        "district-application-review",
        applications.review,
        "district-application",
        msg("The review has begun."),
    ),
    _deed(
        f"{APPLICATION}/approve",
        "district-application-approve",
        applications.approve,
        "district-application",
        msg("Approved: the applicant is a provider now, and sells as soon as it has services and Sewamitras."),
        applications.Approval,
    ),
    _deed(
        f"{APPLICATION}/refuse",
        "district-application-refuse",
        applications.refuse,
        "district-application",
        msg("The application was refused."),
        applications.Refusal,
    ),
    _deed(
        f"{REVIEW}/set-aside",
        "district-review-aside",
        reviews.set_aside,
        "district-review",
        msg("The review is set aside: it does not count any more."),
        reviews.Judged,
        alters=False,
    ),
    _deed(
        f"{REVIEW}/restore",
        "district-review-restore",
        reviews.restore,
        "district-review",
        msg("The review counts again."),
        reviews.Judged,
        alters=False,
    ),
)
_MENU: Mapping[str, str] = {
    "district": msg("My district"),
    "district-providers": msg("Service providers"),
    "district-workers": msg("Sewamitras"),
    "district-papers": msg("Papers"),
    "district-demand": msg("Unserved demand"),
    "district-orders": msg("Bookings"),
    "district-applications": msg("Applications"),
    "district-report": msg("Monthly report"),
}
ENTRIES: tuple[Entry, ...] = (
    *(Entry(page=page, title=title, roles=OFFICER, path=own_district) for page, title in _MENU.items()),
    Entry(page="districts", title=msg("Districts"), roles=ADMIN),
)
