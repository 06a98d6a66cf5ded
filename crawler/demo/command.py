"""``clonewatch demo``: run the whole product against the demo's own sites on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.exit_codes import ExitCode
from crawler.demo.run import DEFAULT_WORKSPACE, run_demo


def demo(
    workspace: Annotated[
        Path,
        typer.Option(
            "--workspace", "-w", metavar="DIR", help="Folder to create; an earlier demo's folder is replaced."
        ),
    ] = DEFAULT_WORKSPACE,
    keep_serving: Annotated[
        bool, typer.Option("--keep-serving", help="Keep the sites up until Ctrl-C, to look at them in a browser.")
    ] = False,
) -> None:
    """Catch clones of two made-up brands on this very machine.

    Web servers on loopback serve official pages, clones and innocent look-alikes; the product's own commands then go all the way
    from discovery to the takedown queue.  Nothing touches the internet.  Exit code 1 if a verdict is wrong.
    """
    if not run_demo(workspace, keep_serving=keep_serving):
        raise typer.Exit(ExitCode.FAILED)
