"""``clonewatch evidence``: sign, time-stamp, export and verify evidence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.custody_log import log
from crawler.cli.exit_codes import ExitCode
from crawler.jobs.time_stamping import stamp_pending
from crawler.runtime.terminal import on_one_line, say, say_lines
from detector.actor import login
from detector.bundle import (
    TrustAnchors,
    chain_problems,
    check_store,
    export_bundle,
    fingerprint,
    load_key,
    load_public_key,
    load_roots,
    make_key,
    public_path,
    sealed_case,
    verify_bundle,
    vouching_sentences,
)
from detector.config import CONFIG_NAME, EvidenceConfig
from detector.errors import ConfigError, EvidenceError, SourceError, UsageError
from detector.sentences import counted
from detector.takedown import check_queues
from detector.workspace import OWN_QUEUE, Workspace

app = typer.Typer(name="evidence", help="Sign, time-stamp, export and verify evidence.", no_args_is_help=True)
app.command("log")(log)
KEY_NAME = "evidence-key.pem"
Key = Annotated[
    Path | None, typer.Option("--key", metavar="PUB", help="Public key (PEM) that must have signed the manifests.")
]
Roots = Annotated[
    Path | None,
    typer.Option("--roots", metavar="PEM", help="File of root certificates that time stamps must lead to."),
]
Sha256 = Annotated[
    str | None,
    typer.Option(
        "--sha256",
        metavar="HEX",
        help="SHA-256 that the manifest must have, or for `check` a journal entry; known from elsewhere.",
    ),
]


@app.command("keygen")
def keygen(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=f"File to write, instead of WORKSPACE/{KEY_NAME}.")
    ] = None,
    workspace: options.Workspace = None,
) -> None:
    """Make the key that signs manifests, and beside it its public half, FILE.pub, for those who verify."""
    with Workspace.open(workspace) as opened:
        path = out.absolute() if out else opened.path / KEY_NAME
        configured = opened.config.evidence.key
    key = make_key(path)
    say(f"Private key: {path} (keep it secret)")
    say(f"Public key:  {public_path(path)}, {fingerprint(key.public)}")
    if not configured or Path(configured) != path:
        name = KEY_NAME if out is None else str(path)
        say_lines(
            f'To sign with it, put this into {CONFIG_NAME} of the workspace:\n\n[evidence]\nkey = "{on_one_line(name)}"'
        )


@app.command("export")
def export(
    case: Annotated[
        int,
        typer.Argument(metavar="CASE", help="Number of a case, as `cases list` shows it.", parser=options.case_number),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder to write the bundle to.")] = Path(),
    as_zip: Annotated[bool, typer.Option("--zip", help="Write one zip file instead of a folder.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Export every sealed capture of the case, not only the latest.")
    ] = False,
    actor: options.Actor = None,
    workspace: options.Workspace = None,
) -> None:
    """Write a case's evidence as a bundle that anybody can verify, and note the export in the custody log."""
    missing: list[str] = []
    with Workspace.open(workspace, create=False) as opened:
        for record in sealed_case(opened.store, opened.sealer, case, every=every):
            done = export_bundle(
                opened.store, opened.evidence, record, to, case_id=case, actor=actor or login(), as_zip=as_zip
            )
            say(f"{done.path}: manifest {done.sequence}, SHA-256 {done.sha256}")
            missing += done.missing
    if missing:
        for sentence in missing:
            say(sentence, err=True)
        files = counted(len(missing), "file is", "files are")
        raise EvidenceError(
            f"{files} missing from the bundle; `clonewatch evidence check` says what is wrong with the rest"
        )


@app.command("verify")
def verify(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE", help="Bundles: folders or zip files.")],
    key: Key = None,
    roots: Roots = None,
    sha256: Sha256 = None,
) -> None:
    """Verify bundles, each alone and all against each other; name altered files and their byte ranges."""
    if sha256 and len(bundles) > 1:
        raise UsageError("--sha256 is the digest of one manifest: give it with one bundle only")
    trust = _trust(key, roots, sha256)
    results = [verify_bundle(bundle, trust) for bundle in bundles]
    for result in results:
        number = f"manifest {result.manifest.sequence}, {result.files} files" if result.manifest else "no manifest"
        notes = "".join(f"; {note}" for note in result.notes)
        say(f"{result.path}: {'intact' if result.intact else 'NOT INTACT'} ({number}{notes})")
        for problem in result.problems:
            say(f"  {problem}")
    broken = chain_problems(results)
    for problem in broken:
        say(problem)
    if broken or not all(result.intact for result in results):
        raise typer.Exit(ExitCode.ALTERED)


@app.command("check")
def check(
    files: Annotated[bool, typer.Option("--files/--no-files", help="Read every file of evidence.")] = True,
    key: Key = None,
    roots: Roots = None,
    sha256: Sha256 = None,
    workspace: options.Workspace = None,
) -> None:
    """Verify all evidence of the workspace: every manifest, signature, time stamp and file, and every decision."""
    with Workspace.open(workspace, create=False) as opened:
        trust = _trust(key, roots or _configured_roots(opened.config.evidence), sha256)
        result = check_store(
            opened.store, opened.evidence, trust, files=files, own_key=_own_key(opened.config.evidence)
        )
        queues = check_queues(opened.store, (OWN_QUEUE, opened.takedown_dir), files=files)
    problems = result.problems + queues.problems
    for problem in problems:
        say(problem)
    say(
        f"{result.manifests} manifests ({result.signed} signed, {result.stamped} stamped), {result.files} files, "
        f"{result.handovers} entries of the custody log, {result.journal.entries} of the journal, "
        f"{queues.lines} lines of takedown queues: " + (f"{len(problems)} problems." if problems else "intact.")
    )
    say(f"The chain ends at manifest {result.head[0]}, SHA-256 {result.head[1]}")
    say(f"The journal ends at entry {result.journal.head[0]}, SHA-256 {result.journal.head[1]}")
    for sentence in (*vouching_sentences(result.journal), *queues.notes):
        say(sentence)
    if result.unsealed:
        say(f"{result.unsealed} older captures have no manifest; they get one when their cases are exported.")
    if problems:
        raise typer.Exit(ExitCode.ALTERED)


@app.command("stamp")
def stamp(workspace: options.Workspace = None) -> None:
    """Get the time stamps that manifests and the journal still lack from the time-stamp authority."""
    with Workspace.open(workspace, create=False) as opened:
        config = opened.config.evidence
        if not config.timestamp_url:
            raise ConfigError(
                f"no time-stamp authority is configured; set timestamp_url in [evidence] of {CONFIG_NAME}"
            )
        result = stamp_pending(opened.store, config)
    journal = f", and the journal up to entry {result.journal}" if result.journal else ""
    say(f"{counted(result.stamped, 'manifest')} stamped{journal}.")
    if result.problem:
        raise SourceError(result.problem)


def _trust(key: Path | None, roots: Path | None, sha256: str | None) -> TrustAnchors:
    wanted = sha256.strip().lower() if sha256 else None
    if wanted is not None and not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise UsageError(f"--sha256 {sha256}: expected 64 hexadecimal digits")
    return TrustAnchors(load_public_key(key) if key else None, tuple(load_roots(roots)) if roots else (), wanted)


def _own_key(config: EvidenceConfig) -> bytes | None:
    """Public key with which the workspace signs, from the half that may be read by everybody where it is there."""
    if not config.key:
        return None
    public = public_path(Path(config.key))
    return load_public_key(public) if public.is_file() else load_key(Path(config.key)).public


def _configured_roots(config: EvidenceConfig) -> Path | None:
    return Path(config.timestamp_roots) if config.timestamp_roots else None
