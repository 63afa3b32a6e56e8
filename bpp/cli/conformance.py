"""``bpp conformance``: proves a seller app over the wire, or judges what was recorded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bpp.cli.conformance_options import BuyerOptions, Complaint, People, Target, Times
from bpp.cli.output import FAILED, MISUSED, AsJson, fail, show

if TYPE_CHECKING:
    from bpp.cli.conformance_run import Proven
    from bpp.conformance.judge import Report
    from bpp.conformance.report.edition import Edition

ALL = "all"


def conformance(
    *,
    target: Annotated[str, typer.Option(help="Address of the seller app; without one, our own is started.")] = "",
    registry: Annotated[Path | None, typer.Option(help="Registry file with the seller app and our buyer apps.")] = None,
    flows: Annotated[
        str,
        typer.Option(
            help="Which flows to play: names separated by commas, core, igm-2.0.0, igm-1.0.0, rsf-2.0.0 or all."
        ),
    ] = ALL,
    domains: Annotated[str, typer.Option(help="Only these, as in SRV10,SRV11.")] = "",
    plan: Annotated[Path | None, typer.Option(help="TOML file that says which services to ask for.")] = None,
    out: Annotated[Path | None, typer.Option(help="Directory for the reports.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Judge what is recorded in this folder, and play nothing.")] = None,
    evidence: Annotated[Path | None, typer.Option(help="Directory for what was said, with a signed manifest.")] = None,
    entity: Annotated[str, typer.Option(help="Folder of the evidence; by default the seller's subscriber_id.")] = "",
    gateway: Annotated[str, typer.Option(help="Address of a gateway for searches.")] = "",
    bpp_id: Annotated[str, typer.Option(help="The seller app's subscriber_id, where its address does not say.")] = "",
    seller: Annotated[
        People | None, typer.Option(help="Who makes the seller app act; found out where none is said.")
    ] = None,
    operator_url: Annotated[str, typer.Option(help="Where our operator API is, if not at the target.")] = "",
    operator_token: Annotated[
        str, typer.Option(envvar="BPP_OPERATOR_TOKEN", show_envvar=True, help="A token of our operator API.")
    ] = "",
    webhook: Annotated[str, typer.Option(help="Address of the seller's that is told what its people do.")] = "",
    buyer_id: Annotated[str, typer.Option(help="Our buyer app's subscriber_id; the sandbox's by default.")] = "",
    buyer_key_id: Annotated[str, typer.Option(help="Its unique_key_id, where it has several.")] = "",
    buyer_key: Annotated[str, typer.Option(help="Its private signing key in base64, or file:PATH.")] = "",
    listen: Annotated[str, typer.Option(help="HOST:PORT where it listens; by default as the registry says.")] = "",
    bap_uri: Annotated[str, typer.Option(help="The public address before that port.")] = "",
    second_buyer_id: Annotated[str, typer.Option(help="The same for a second buyer app.")] = "",
    second_buyer_key_id: Annotated[str, typer.Option(help="Its unique_key_id.")] = "",
    second_buyer_key: Annotated[str, typer.Option(help="Its private signing key.")] = "",
    second_listen: Annotated[str, typer.Option(help="HOST:PORT where it listens.")] = "",
    second_bap_uri: Annotated[str, typer.Option(help="Its public address.")] = "",
    budget: Annotated[float, typer.Option(help="Seconds that a callback may take.", min=0.1)] = 5.0,
    patience: Annotated[float, typer.Option(help="Seconds after which a callback is given up.", min=0.1)] = 30.0,
    longest_wait: Annotated[float, typer.Option(help="Seconds to wait for holds to lapse.", min=0)] = 0.0,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="Only list the flows and the checks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play buyer app against a seller app and judge every message, or judge a folder of recorded messages.

    Progress is on stderr, the report on stdout. The exit status is 0 where the seller app conforms, 1 where it does
    not, 2 where the run cannot be made. Ctrl-C ends with a report of what was played.

    Example: bpp conformance --target https://seller.example --registry registry.json --out build/conformance
    """
    if show_list:
        listed = _listed()
        return show(listed, lambda: _as_text(listed), as_json=as_json)
    if logs is not None:
        if target or evidence or plan or domains or seller or flows != ALL:
            fail("--logs plays nothing: it goes with --registry, --out, --strict and --json only", status=MISUSED)
        _can_be_written(out)
        return _judged(_tell(_of_folder(logs, registry), out, strict=strict, as_json=as_json))
    from bpp.cli.conformance_run import prove  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.programme import chosen  # noqa: PLC0415

    buyer = BuyerOptions(
        name="buyer", subscriber_id=buyer_id, key_id=buyer_key_id, key=buyer_key, listen=listen, bap_uri=bap_uri
    )
    second = BuyerOptions(
        name="second-buyer",
        subscriber_id=second_buyer_id,
        key_id=second_buyer_key_id,
        key=second_buyer_key,
        listen=second_listen,
        bap_uri=second_bap_uri,
    )
    against = Target(
        url=target.rstrip("/"),
        registry=registry,
        bpp_id=bpp_id,
        gateway=gateway.rstrip("/"),
        people=seller,
        operator_url=operator_url,
        operator_token=operator_token,
        webhook=webhook,
        buyer=buyer,
        second_buyer=second,
    )
    times = Times(budget=budget, patience=patience, longest_wait=longest_wait)
    try:
        scenarios = chosen(flows)
    except LookupError as problem:
        fail(str(problem.args[0]), status=MISUSED)
    _can_be_written(out)

    def ready(found: str) -> None:
        if evidence is not None:
            _can_be_kept(evidence, entity or found)

    try:
        proven = asyncio.run(prove(against, scenarios, plan=plan, domains=domains, times=times, ready=ready))
    except Complaint as problem:
        fail(str(problem), status=MISUSED)
    told = _tell(proven.report, out, strict=strict, as_json=as_json)
    if evidence is not None:
        _keep(proven, evidence, entity)
    return _judged(told)


def _of_folder(folder: Path, registry: Path | None) -> Report:
    """Judge what is recorded in a folder; what was made of it is told on stderr."""
    from beckn_schemas.registry import RegistryFileError  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.evidence.read import read_folder  # noqa: PLC0415
    from bpp.conformance.judge import judge  # noqa: PLC0415

    try:
        recorded = read_folder(folder, registry)
    except (OSError, RegistryFileError) as problem:
        fail(f"{folder} cannot be read: {problem}", status=MISUSED)
    for note in recorded.notes:
        typer.echo(note, err=True)
    if recorded.empty:
        fail(f"no message was found in {folder}", status=MISUSED)
    return judge(str(folder), recorded.flows)


def _can_be_written(folder: Path | None) -> None:
    """See before a run that there is a place for its reports."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        fail(f"the reports cannot be written: {problem}", status=MISUSED)


def _can_be_kept(folder: Path, entity: str) -> None:
    """See before a run that there is a place for its evidence. Raises ``Complaint``."""
    from bpp.conformance.evidence.write import EvidenceError, check_place  # noqa: PLC0415  heavy

    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_place(folder, entity)
    except (EvidenceError, OSError) as problem:
        raise Complaint(f"the evidence cannot be written: {problem}") from problem


def _keep(proven: Proven, folder: Path, entity: str) -> None:
    """Write what was said, message by message, signed by our buyer app."""
    from bpp.cli.conformance_target import is_of_sandbox  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.evidence.write import EvidenceError, write_evidence  # noqa: PLC0415  heavy

    try:
        written = write_evidence(folder, entity or proven.seller, proven.report.flows, proven.buyer, proven.registry)
    except (EvidenceError, OSError) as problem:
        fail(f"the evidence cannot be written: {problem}")
    typer.echo(f"written: {written}", err=True)
    if is_of_sandbox(proven.buyer):
        typer.echo(
            f"signed by {proven.buyer.subscriber_id}, whose key everybody has: that shows whether the folder is whole, "
            "not who recorded it",
            err=True,
        )


def _judged(edition: Edition) -> None:
    """End with the status that the report deserves."""
    if not edition.conforms:
        raise typer.Exit(FAILED)


def _tell(report: Report, out: Path | None, *, strict: bool, as_json: bool) -> Edition:
    """Print the report, and write it in all its forms."""
    from bpp.conformance.report.document import report_document  # noqa: PLC0415  heavy: only this command waits
    from bpp.conformance.report.edition import Edition  # noqa: PLC0415
    from bpp.conformance.report.text import text_report  # noqa: PLC0415
    from bpp.conformance.report.write import write_reports  # noqa: PLC0415

    edition = Edition(report=report, made=datetime.now(UTC), strict=strict)
    show(report_document(edition), lambda: text_report(edition), as_json=as_json)
    if out is not None:
        try:
            written = write_reports(edition, out)
        except OSError as problem:
            fail(f"the reports cannot be written: {problem}")
        for path in written:
            typer.echo(f"written: {path}", err=True)
    return edition


def _listed() -> dict[str, Any]:
    """Every flow with its steps, and every check with its sources."""
    from bpp.conformance.checklist import CHECKS  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.programme import SCENARIOS  # noqa: PLC0415

    return {
        "flows": [
            {
                "name": one.name,
                "title": one.title,
                "core": one.core,
                "apis": one.apis,
                "once": one.once,
                "steps": [{"name": step.name, "waits_for": step.waits_for} for step in one.steps],
            }
            for one in SCENARIOS
        ],
        "checks": [
            {"name": one.name, "title": one.title, "sources": list(one.sources), "severity": one.severity.value}
            for one in CHECKS
        ],
    }


def _group(flow: dict[str, Any]) -> str:
    """By which name it goes together with others."""
    name = "core" if flow["core"] else flow["apis"]
    return f", {name}" if name else ""


def _as_text(listed: dict[str, Any]) -> str:
    flows = [f"  {one['name']}: {one['title']} ({len(one['steps'])} steps{_group(one)})" for one in listed["flows"]]
    checks = [
        f"  {one['name']} ({one['severity']}): {one['title']} [{'; '.join(one['sources'])}]" for one in listed["checks"]
    ]
    return "\n".join([f"Flows ({len(flows)})", *flows, "", f"Checks ({len(checks)})", *checks])
