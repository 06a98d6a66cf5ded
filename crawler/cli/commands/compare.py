"""``clonewatch compare``: judge screenshots without a browser."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.cli.json_lines import json_lines
from crawler.cli.progress import ProgressReporter
from crawler.cli.result_line import result_line
from crawler.examine.examination_result import ExaminationResult
from crawler.examine.judge_warm_up import ready_judge
from crawler.runtime.terminal import Console
from detector.brands import load_library
from detector.errors import UsageError
from detector.picture_file import capture_of_picture
from detector.workspace import read_config


def compare(
    images: Annotated[
        list[Path],
        typer.Argument(help="Screenshots; the page facts of each are read from IMAGE.json.", metavar="IMAGE"),
    ],
    json_target: options.Json = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Judge screenshots without a browser, with page facts from files beside them."""
    missing = [image for image in images if not image.is_file()]
    if missing:
        raise UsageError(f"{missing[0]}: no such file; name pictures that exist")
    config = read_config(workspace, brands=brands)
    judge = ready_judge(load_library(config.brand_folders()), config.detect)
    errors = Console(stderr=True)
    unreadable = 0
    with json_lines(json_target) as lines, ProgressReporter(total=len(images), json_target=json_target) as progress:
        for image in images:
            capture, read = capture_of_picture(image, config.detect.max_pixels)
            started = time.perf_counter()
            verdict = judge.judge(capture, read)
            result = ExaminationResult(capture, verdict, 0.0, time.perf_counter() - started, str(image))
            if capture.note:
                errors.print(f"clonewatch: {image}: {capture.note}", style="yellow", markup=False, highlight=False)
            unreadable += capture.outcome == "unreadable"
            progress.tell(result, name=str(image))
            if lines:
                lines.write(result_line(result))
    progress.print_table()
    if unreadable == len(images):
        raise UsageError("none of the pictures could be read; see the reasons above")
    raise typer.Exit(ExitCode.FLAGGED if progress.flagged else ExitCode.NOTHING_FLAGGED)
