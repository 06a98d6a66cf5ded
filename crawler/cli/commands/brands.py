"""``clonewatch brands``: see, check and extend the library of brands."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from crawler.capture.capturer import Capturer
from crawler.cli import options
from crawler.cli.brand_folder import brand_id, create_brand
from crawler.examine.official_pages import ReferenceCapture, capture_official_pages
from detector.brands import RemarkKind, check_library, load_library
from detector.errors import ConfigError, SourceError, UsageError
from detector.sentences import counted
from detector.workspace import Workspace, read_config

app = typer.Typer(help="See, check and extend the brands that are watched for.", no_args_is_help=True)


@app.command("list")
def list_brands(workspace: options.Workspace = None, brands: options.Brands = None) -> None:
    """Print all brands with what is known of them."""
    library = load_library(brand_dirs(workspace, brands))
    table = Table("id", "name", *(_counted(title) for title in ("domains", "logos", "pages")))
    for brand in library:
        counts = (len(brand.domains), len(brand.logos), len(brand.pages))
        table.add_row(Text(brand.id), Text(brand.name), *(str(count) for count in counts))
    console = Console()
    console.print(table)
    console.print(f"{len(library)} brands", highlight=False)


@app.command("check")
def check_brands(workspace: options.Workspace = None, brands: options.Brands = None) -> None:
    """Look for what is wrong with the brands' files; exit code 3 where something is."""
    folders = brand_dirs(workspace, brands)
    remarks = check_library(folders)
    problems = 0
    for remark in remarks:
        if remark.kind is not RemarkKind.NO_LOGO:
            problems += remark.kind is RemarkKind.PROBLEM
            typer.echo(f"{remark.where}: {remark.kind}: {remark.text}")
    bare = [remark.brand for remark in remarks if remark.kind is RemarkKind.NO_LOGO]
    if bare:
        typer.echo(f"{len(bare)} brands without a logo, told by names and domains only: {', '.join(bare)}")
    if problems:
        raise ConfigError(
            f"{counted(problems, 'problem')} in the brands of {', '.join(map(str, folders))}; mend the lines named above"
        )
    typer.echo("No problems.")


@app.command("add")
def add_brand(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name that people know the brand by.")],
    domain: Annotated[list[str], typer.Option("--domain", "-d", help="A domain that the brand owns; repeatable.")],
    logo: Annotated[
        list[Path] | None, typer.Option("--logo", "-l", metavar="FILE", help="An SVG or PNG file; repeatable.")
    ] = None,
    chosen_id: Annotated[
        str | None, typer.Option("--id", help="Name of its folder; made from NAME where it is not given.")
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Add a brand: a folder with brand.toml and logos, in the last of the brands' folders."""
    folders = brand_dirs(workspace, brands)
    brand = create_brand(folders, chosen_id or brand_id(name), name, domain, logo or [])
    typer.echo(f"Added {brand.id}: {brand.folder}")


@app.command("capture")
def capture_pages(
    brand: Annotated[str, typer.Argument(metavar="BRAND", help="The brand's id; clonewatch brands list shows them.")],
    url: Annotated[
        list[str] | None, typer.Option("--url", help="An official page instead of the sign-in pages; repeatable.")
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    resolve: options.Resolve = None,
    allow_private: options.AllowPrivate = None,
) -> None:
    """Visit a brand's official sign-in pages and store pictures to compare with under its pages/."""
    overrides = options.capture_overrides(resolve, allow_private)
    with Workspace.open(workspace, capture=overrides, brands=brands) as opened:
        library = opened.library()
        (known,) = options.known_brands(library, (brand,))
        found = library[known]
        urls = url or found.signin_urls
        if not urls:
            raise UsageError(f"brand {brand!r} has no signin_urls; name a page with --url")

        async def visit() -> list[ReferenceCapture]:
            # a page is stored as it is, not what lies behind its buttons
            config = replace(opened.config.capture, max_clicks=0)
            async with Capturer(config, opened.evidence) as capturer:
                return await capture_official_pages(capturer, opened.evidence, library, found, urls)

        references = asyncio.run(visit())
    for reference in references:
        said = f"stored {reference.stored}" if reference.stored else f"not stored: {reference.reason}"
        typer.echo(f"{reference.url}: {said}")
    if not any(reference.stored for reference in references):
        raise SourceError(f"no official page of {found.name} could be captured; see the reasons above")


def brand_dirs(workspace: Path | None, brands: list[Path] | None) -> tuple[Path, ...]:
    """The folders that the options, else the workspace's configuration, else the program itself names.

    Unlike opening the workspace, this makes neither folder nor database.
    """
    return read_config(workspace, brands=brands).brand_folders()


def _counted(title: str) -> Column:
    return Column(title, justify="right")
