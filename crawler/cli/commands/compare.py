"""``clonewatch compare``: judge pictures without a browser."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.cli.output import ProgressReporter, json_lines
from crawler.examine.judge_warm_up import ready_judge
from crawler.examine.result_rows import ExaminationResult
from detector.brands import load_library
from detector.errors import UsageError
from detector.picture_file import capture_of_picture
from detector.workspace import read_config


def compare(
    images: Annotated[
        list[Path], typer.Argument(help="Screenshots; page facts are read from IMAGE.json.", metavar="IMAGE...")
    ],
    json_target: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write one JSON object a picture; - for standard output."),
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Judge pictures without a browser, with the page facts that lie beside them."""
    missing = [image for image in images if not image.is_file()]
    if missing:
        raise UsageError(f"{missing[0]}: no such file; give pictures that exist")
    config = read_config(workspace, brands=brands)
    judge = ready_judge(load_library(config.brand_folders()), config.detect)
    errors = Console(stderr=True)
    unreadable = 0
    with json_lines(json_target) as lines, ProgressReporter(total=len(images), json_target=json_target) as teller:
        for image in images:
            capture, read = capture_of_picture(image, config.detect.max_pixels)
            started = time.perf_counter()
            verdict = judge.judge(capture, read)
            result = ExaminationResult(capture, verdict, 0.0, time.perf_counter() - started, str(image))
            if capture.note:
                errors.print(f"clonewatch: {image}: {capture.note}", style="yellow", markup=False, highlight=False)
            unreadable += capture.outcome == "unreadable"
            teller.tell(result, name=str(image))
            if lines:
                lines.write(result)
    teller.print_table()
    if unreadable == len(images):
        raise UsageError("none of the pictures could be read; see the reasons above")
    raise typer.Exit(ExitCode.FLAGGED if teller.flagged else ExitCode.NOTHING_FLAGGED)
