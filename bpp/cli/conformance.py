"""``bpp conformance``: proves a seller app over the wire, or judges what was recorded."""

from __future__ import annotations

import asyncio
import secrets
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bpp.cli.output import FAILED, MISUSED, fail
from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.conformance.judge import Report
    from bpp.conformance.scenarios.steps import Scenario


def conformance(
    *,
    flows: Annotated[str, typer.Option(help="Which flows to play, separated by commas, or all.")] = "all",
    out: Annotated[Path | None, typer.Option(help="Directory for the reports.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Judge what is recorded in this folder, and play nothing.")] = None,
    registry: Annotated[Path | None, typer.Option(help="Registry file with the key that signed the evidence.")] = None,
    evidence: Annotated[Path | None, typer.Option(help="Directory for what was said, with a signed manifest.")] = None,
) -> None:
    """Play buyer app against a seller app and judge every message, or judge a folder of recorded messages.

    Example: bpp conformance --flows all --out build/conformance
    """
    from bpp.conformance.evidence.write import EvidenceError, write_evidence  # noqa: PLC0415
    from bpp.conformance.programme import chosen  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.report.text import text_report  # noqa: PLC0415

    try:
        scenarios = chosen(flows)
    except LookupError as problem:
        fail(str(problem.args[0]), status=MISUSED)
    if logs is not None:
        report = _of_folder(logs, registry)
    else:
        with tempfile.TemporaryDirectory(prefix="bpp-conformance-") as folder:
            report = asyncio.run(_against_ourselves(Path(folder), scenarios))
    text = text_report(report)
    typer.echo(text)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.txt").write_text(text, encoding="utf-8")
    if evidence is not None:
        from bpp.sandbox.identities import BPP, BUYER  # noqa: PLC0415

        try:
            write_evidence(evidence, BPP.subscriber_id, report.flows, BUYER)
        except (EvidenceError, OSError) as problem:
            fail(f"the evidence cannot be written: {problem}")
    if not report.passed:
        raise typer.Exit(FAILED)


def _of_folder(folder: Path, registry: Path | None) -> Report:
    """Judge what is recorded in a folder."""
    from beckn_schemas.registry import RegistryFileError  # noqa: PLC0415
    from bpp.conformance.evidence.read import read_folder  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.judge import judge  # noqa: PLC0415

    try:
        recorded = read_folder(folder, registry)
    except (OSError, RegistryFileError) as problem:
        fail(f"{folder} cannot be read: {problem}", status=MISUSED)
    for note in recorded.notes:
        typer.echo(note)
    return judge(str(folder), recorded.flows)


async def _against_ourselves(folder: Path, scenarios: tuple[Scenario, ...]) -> Report:
    """Start our own server on a free port with a database in ``folder``, and prove it."""
    from bpp.app import prepare  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.conformance.judge import judge  # noqa: PLC0415
    from bpp.conformance.plan import read_plan  # noqa: PLC0415
    from bpp.conformance.runner import Over, Took, run  # noqa: PLC0415
    from bpp.conformance.scenarios.play import Stage  # noqa: PLC0415
    from bpp.conformance.seller import OverOperatorApi  # noqa: PLC0415
    from bpp.conformance.tape import Tape  # noqa: PLC0415
    from bpp.sandbox.buyer import Buyer  # noqa: PLC0415
    from bpp.sandbox.field import Field  # noqa: PLC0415
    from bpp.sandbox.identities import BPP, BUYER, SECOND_BUYER, write_registry  # noqa: PLC0415
    from bpp.serve import listening  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    registry = folder / "registry.json"
    token = secrets.token_urlsafe(24)
    write_registry(registry, (BPP.at(url), BUYER, SECOND_BUYER))
    settings = load_settings(
        {
            "BPP_ENV": "sandbox",
            "BPP_PORT": str(port),
            "BPP_SUBSCRIBER_URI": url,
            "BPP_REGISTRY": str(registry),
            "BPP_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'conformance.db'}",
            "BPP_OPERATOR_TOKEN": token,
        }
    )
    await prepare(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(listening(settings))
        buyer = await stack.enter_async_context(Buyer(registry=registry, bpp_url=url))
        second = await stack.enter_async_context(Buyer(registry=registry, bpp_url=url, participant=SECOND_BUYER))
        write_registry(registry, (BPP.at(url), BUYER.at(buyer.url), SECOND_BUYER.at(second.url)))
        field = await stack.enter_async_context(Field(bpp_url=url, token=token))
        plan = (Path(__file__).parents[1] / "conformance" / "sewamitra.toml").read_text(encoding="utf-8")
        stage = Stage(
            buyer=buyer,
            second_buyer=second,
            tape=Tape((buyer, second)),
            plan=read_plan(plan),
            people=OverOperatorApi(field),
        )
        async for event in run(stage, scenarios):
            match event:
                case Took():
                    typer.echo(
                        f"{event.domain} {event.scenario.name} {event.step} {event.seconds:.2f}s {event.problem}"
                    )
                case Over():
                    return judge(url, event.flows)
    raise RuntimeError("a run ends with its end")
