"""``clonewatch rejudge``: judge stored captures of cleared pages again, with today's brands and detector."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer
from rich.progress import track

from crawler.cli import options
from crawler.cli.broker_extra import judging_sender
from crawler.cli.exit_codes import ExitCode
from crawler.examine.rejudging import Rejudger
from crawler.jobs.run_recorder import RunRecorder, recorded
from crawler.runtime.terminal import Console, say
from detector.model import Decision, utcnow
from detector.sentences import counted
from detector.workspace import Workspace


def rejudge(
    days: Annotated[
        float,
        typer.Option(
            "--days", metavar="N", min=0.0, max=36_500.0, help="Only pages that were captured in the last so many days."
        ),
    ] = 30.0,
    here: Annotated[
        bool, typer.Option("--here", help="Judge on this machine, even where a broker is configured.")
    ] = False,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Judge cleared pages again, after brands were added or the detector was updated.

    The latest stored capture of each address is judged; nothing is fetched.  A page that is suspicious now becomes a case, and its
    address is due for a new capture.  Where broker.url is set, the workers do the judging.
    """
    with Workspace.open(workspace, create=False, brands=brands) as opened:
        ids = opened.store.captures.cleared_ids(utcnow() - timedelta(days=days))
        if not ids:
            say(f"No page was cleared within {days:g} days.")
            return
        send = None if here or brands else judging_sender(opened.config.broker)
        if send is not None:
            send(ids)
            pages = counted(len(ids), "cleared page was", "cleared pages were")
            say(f"{pages} sent to the workers; pages that are suspicious now become cases.")
            return
        with recorded(opened.store.runs) as recorder:
            verdicts = _judge(opened, ids, recorder)
    suspicious = verdicts[Decision.FLAGGED] + verdicts[Decision.REVIEW]
    pages = counted(verdicts.total(), "cleared page was", "cleared pages were")
    say(f"{pages} judged again: {verdicts[Decision.FLAGGED]} flagged, {verdicts[Decision.REVIEW]} to review.")
    if suspicious:
        say("They are cases now, and due for a new capture: run `clonewatch run`.")
    raise typer.Exit(ExitCode.FLAGGED if verdicts[Decision.FLAGGED] else ExitCode.NOTHING_FLAGGED)


def _judge(workspace: Workspace, ids: list[int], recorder: RunRecorder) -> Counter[Decision]:
    recorder.doing = "judge"
    judge, verdicts = Rejudger(workspace), Counter[Decision]()
    console = Console(stderr=True)
    for capture_id in track(ids, "judging again", console=console, transient=True, disable=not console.is_terminal):
        verdict = judge.judge(capture_id)
        if verdict is not None:
            verdicts[verdict.decision] += 1
            recorder.counts["judged"] += 1
            recorder.counts[str(verdict.decision)] += 1
    return verdicts
