"""``clonewatch brands``: list, check and extend the library of brands."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from crawler.capture.capturer import Capturer
from crawler.cli import options
from crawler.cli.setup.brand_folder import NewBrand, brand_id, bring_home, chosen_folders, create_brand
from crawler.cli.setup.brand_import import add_rows, read_rows
from crawler.cli.tables import figures, plain_table, show_table
from crawler.examine.official_pages import ReferenceCapture, capture_official_pages
from crawler.runtime.terminal import Console, say
from detector.brands import RemarkKind, check_library, known_ids, load_library
from detector.errors import ConfigError, SourceError, UsageError
from detector.sentences import counted
from detector.workspace import Workspace, read_config

SHARED_REMEDY = (
    "Pages of others on shared domains are judged like anyone's. Where one is the brand's own: write its host into domains, or its "
    "address into signin_urls."
)

app = typer.Typer(help="List, check and extend the brands that are watched for.", no_args_is_help=True)


@app.command("list")
def list_brands(workspace: options.Workspace = None, brands: options.Brands = None) -> None:
    """List all brands, with the number of their domains, logos and stored pages."""
    folders = chosen_folders(workspace, brands).read
    library = load_library(folders)
    table = plain_table("id", "name", *(figures(title) for title in ("domains", "logos", "pages")))
    for brand in library:
        counts = (len(brand.domains), len(brand.logos), len(brand.pages))
        table.add_row(Text(brand.id), Text(brand.name), *(str(count) for count in counts))
    console = Console()
    show_table(console, table)
    homes = Counter(Path(brand.folder).parent for brand in library)
    console.print(f"{counted(len(library), 'brand')}:", highlight=False)
    for folder in folders:
        console.print(Text(f"  {homes[folder.absolute()]} in {folder}"), soft_wrap=True)


@app.command("check")
def check_brands(workspace: options.Workspace = None, brands: options.Brands = None) -> None:
    """Check the brands' files; exit code 3 where something is wrong."""
    folders = chosen_folders(workspace, brands).read
    remarks = check_library(folders)
    problems = 0
    for remark in remarks:
        if remark.kind is not RemarkKind.NO_LOGO:
            problems += remark.kind is RemarkKind.PROBLEM
            say(f"{remark.where}: {remark.kind}: {remark.text}")
    if any(remark.kind is RemarkKind.SHARED for remark in remarks):
        say(SHARED_REMEDY)
    bare = [remark.brand for remark in remarks if remark.kind is RemarkKind.NO_LOGO]
    if bare:
        say(f"{len(bare)} brands without a logo, recognised by names and domains only: {', '.join(bare)}")
    if problems:
        said = counted(problems, "problem")
        raise ConfigError(f"{said} in the brands of {', '.join(map(str, folders))}; correct the lines named above")
    say("No problems.")


@app.command("add")
def add_brand(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name that people know the brand by.")],
    domain: Annotated[
        list[str], typer.Option("--domain", "-d", metavar="DOMAIN", help="Domain that the brand owns; repeatable.")
    ],
    logo: Annotated[
        list[Path] | None, typer.Option("--logo", "-l", metavar="FILE", help="Logo, an SVG or PNG file; repeatable.")
    ] = None,
    chosen_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Name of the brand's folder; by default made from NAME.")
    ] = None,
    signin: Annotated[
        list[str] | None,
        typer.Option("--signin", "-s", metavar="URL", help="Its sign-in page, for `brands capture`; repeatable."),
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Add a brand to the workspace's own, or to the last folder that --brands names."""
    folders = chosen_folders(workspace, brands)
    brand = create_brand(folders, NewBrand(chosen_id or brand_id(name), name, domain, logo or [], signin or []))
    say(f"Added {brand.id}: {brand.folder}")


@app.command("import")
def import_brands(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Table of brands, .csv, .toml or .json, with the columns name, domains, id, logos and signin_urls.",
        ),
    ],
    skip_known: Annotated[
        bool, typer.Option("--skip-known", help="Leave out rows of brands that there are, instead of refusing them.")
    ] = False,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    allow_private: options.AllowPrivate = None,
) -> None:
    """Add all brands of a table to the workspace's own, or none of them where a row has a mistake.

    Domains, logos (files, or addresses to fetch them from) and sign-in pages are separated by semicolons in CSV; in TOML (tables
    called brands) and JSON (a list of objects) they are lists.
    """
    folders = chosen_folders(workspace, brands)
    rows = read_rows(file)
    permitted = allow_private or read_config(workspace).capture.allow_private
    added, known = add_rows(rows, folders, skip_known=skip_known, allow_private=permitted)
    say(f"Added {counted(len(added), 'brand')} to {folders.home}: {', '.join(added) or 'none'}")
    if known:
        say(f"Left out, because there are such brands: {', '.join(known)}")


@app.command("capture")
def capture_pages(
    brand: Annotated[str, typer.Argument(metavar="BRAND", help="Id of the brand, as `brands list` shows it.")],
    url: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="Official page to visit instead of the sign-in pages; repeatable."),
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    resolve: options.Resolve = None,
    allow_private: options.AllowPrivate = None,
) -> None:
    """Visit a brand's official sign-in pages and store them in its folder pages/, to compare captures with.

    A shipped brand is copied into the workspace's own first, and the copy is used from then on.
    """
    overrides = options.capture_overrides(resolve, allow_private)
    with Workspace.open(workspace, capture=overrides, brands=brands) as opened:
        library = opened.library()
        (known,) = known_ids(library, (brand,))
        found = library[known]
        urls = url or found.signin_urls
        if not urls:
            remedy = f"name a page with --url, or write them into {found.folder}/brand.toml"
            raise UsageError(f"brand {brand!r} has no signin_urls; {remedy}")
        folders = chosen_folders(workspace, brands)
        kept = folders.home / known
        copied = not kept.is_dir()
        keep = partial(bring_home, found, folders)

        async def visit() -> list[ReferenceCapture]:
            # a page is stored as it is, not what lies behind its buttons
            config = replace(opened.config.capture, max_clicks=0)
            async with Capturer(config, opened.evidence) as capturer:
                return await capture_official_pages(capturer, opened.evidence, library, found, urls, keep)

        references = asyncio.run(visit())
    for reference in references:
        said = f"stored {reference.stored}" if reference.stored else f"not stored: {reference.reason}"
        say(f"{reference.url}: {said}")
        if reference.warning:
            say(f"{reference.url}: warning: {reference.warning}")
    if copied and kept.is_dir():
        say(f"{found.name} was copied to {kept}, which takes the place of {found.folder}.")
    if not any(reference.stored for reference in references):
        raise SourceError(f"no official page of {found.name} could be captured; see the reasons above")
