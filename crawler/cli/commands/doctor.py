"""``clonewatch doctor``: check this machine, and say what is missing and how to get it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler.browser.browser_process import BrowserProcess, try_browser
from crawler.browser.browser_program import find_browser
from crawler.browser.cdp.session import DevToolsError
from crawler.browser.script_drawing import PACKAGES, ScriptDrawing, draw_scripts
from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.runtime.remedies import FILES
from crawler.runtime.terminal import Console, say
from detector.brands import BrandLibrary, load_library
from detector.errors import BrowserMissing, ClonewatchError
from detector.reading import HOW_TO_GET_IT, CouldNotRead, find_tesseract, in_process, tesseract_version
from detector.sentences import counted
from detector.workspace import Workspace, read_config, workspace_path

if sys.platform != "win32":
    import resource

MIN_FREE_BYTES = 1_000_000_000
MIN_OPEN_FILES = 256
"""A browser needs about sixty; each capture in it, and the program itself, a few more."""


def doctor(
    browser: Annotated[
        bool, typer.Option("--browser", help="Only start the browser that would be used and print its path.")
    ] = False,
    fonts: Annotated[
        bool,
        typer.Option("--fonts", help="Only draw a line in each of twelve scripts; exit code 4 where one is boxes."),
    ] = False,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Check this machine, and say what is missing and how to get it."""
    if browser:
        path = find_browser()
        asyncio.run(try_browser(path))
        say(str(path))
        return
    console = Console(highlight=False, soft_wrap=True)
    if fonts:
        drawn = _Drawing()
        asyncio.run(try_browser(find_browser(), then=drawn.draw))
        if not _scripts(console, drawn):
            raise typer.Exit(ExitCode.ENVIRONMENT)
        return
    drawn = _Drawing()
    healthy = [_python(console), _browser(console, drawn), _open_files(console), _workspace(console, workspace, brands)]
    whole = [_scripts(console, drawn), _tesseract(console)]
    if not all(healthy):
        raise typer.Exit(ExitCode.ENVIRONMENT)
    if all(whole):
        console.print("Everything that clonewatch needs is installed.")
    else:
        console.print("clonewatch works; what it works without is named above.")


class _Drawing:
    """Lines in twelve scripts, as the browser draws them."""

    def __init__(self) -> None:
        self.found: ScriptDrawing | None = None
        self.problem = "the browser does not start"

    async def draw(self, process: BrowserProcess) -> None:
        """Draw them."""
        try:
            self.found = await draw_scripts(process)
        except DevToolsError as error:
            self.problem = f"the browser does not draw ({error})"


def _say(console: Console, good: bool, what: str) -> bool:
    console.print("[green]ok     [/]" if good else "[red]missing[/]", end=" ")
    console.print(what, markup=False)
    return good


def _python(console: Console) -> bool:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return _say(console, sys.version_info >= (3, 11), f"Python {version} (3.11 or newer is needed)")


def _browser(console: Console, drawing: _Drawing) -> bool:
    try:
        path = find_browser()
        version = asyncio.run(try_browser(path, then=drawing.draw))
    except BrowserMissing as error:
        return _say(console, False, str(error))
    return _say(console, True, f"browser {version} at {path}")


def _open_files(console: Console) -> bool:
    if sys.platform == "win32":
        return True
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = soft == resource.RLIM_INFINITY
    enough = unlimited or soft >= MIN_OPEN_FILES
    found = f"{'any number of' if unlimited else soft} open files allowed ({MIN_OPEN_FILES} or more are needed)"
    return _say(console, enough, found if enough else f"{found}: {FILES}")


def _scripts(console: Console, drawing: _Drawing) -> bool:
    """Report on fonts, which are optional: without them pages are captured, but their pictures show boxes."""
    if drawing.found is not None and not drawing.found.boxes:
        return _say(console, True, f"fonts for {len(drawing.found.drawn)} scripts: {', '.join(drawing.found.drawn)}")
    console.print("[yellow]without[/]", end=" ")
    if drawing.found is None:
        console.print(f"fonts are not checked: {drawing.problem}", markup=False)
        return False
    boxes, drawn = drawing.found.boxes, drawing.found.drawn
    console.print(
        f"fonts: {', '.join(boxes)} would be boxes in pictures of pages ({', '.join(drawn) or 'none'} would not); "
        f"install them (Debian: apt-get install {' '.join(PACKAGES)})",
        markup=False,
    )
    return False


def _tesseract(console: Console) -> bool:
    """Report on Tesseract, which is optional: without it only telephone numbers in pictures are missed."""
    path = find_tesseract()
    try:
        if path is None:
            raise CouldNotRead(f"tesseract is not installed; {HOW_TO_GET_IT}")
        how = "as a library" if in_process(path) else "as a program; the extra clonewatch[ocr] reads twice as fast"
        return _say(console, True, f"{tesseract_version(path)} at {path}, used {how}")
    except CouldNotRead as reason:
        console.print("[yellow]without[/]", end=" ")
        console.print(f"telephone numbers in pictures are not read: {reason}", markup=False)
        return False


def _workspace(console: Console, workspace: Path | None, brands: list[Path] | None) -> bool:
    """Report on workspace, brands and disk; a workspace that is not there yet is no fault, and is not made."""
    folder = workspace_path(workspace)
    try:
        if not folder.exists():
            _say(console, True, f"no workspace at {folder} yet: `clonewatch init` makes one")
            library = load_library(read_config(folder, brands=brands).brand_folders())
            return _brands(console, library) and _free(console, folder)
        with Workspace.open(workspace, create=False, brands=brands) as opened:
            rows = sum(opened.store.counts().values())
            _say(console, True, f"workspace {opened.path}, database of {counted(rows, 'row')}")
            return _brands(console, opened.library()) and _free(console, opened.path)
    except ClonewatchError as error:
        return _say(console, False, str(error))


def _brands(console: Console, library: BrandLibrary) -> bool:
    logos = sum(len(brand.logos) for brand in library)
    return _say(console, True, f"{counted(len(library), 'brand')} with {counted(logos, 'logo')}")


def _free(console: Console, folder: Path) -> bool:
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free
    return _say(console, free >= MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free in the workspace (1 GB or more is needed)")
