"""The ``clonewatch`` command.  Every expected error becomes one sentence and a documented exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from crawler.cli.deferred_commands import DeferredCommandGroup
from crawler.cli.exit_codes import ExitCode
from crawler.cli.log_output import VARIABLE, LogFormat, log_to_stderr
from crawler.cli.standard_streams import check_arguments, check_closed, check_places, mend_streams
from crawler.runtime.allocator import share_one_arena
from crawler.runtime.remedies import remedy_of
from crawler.runtime.terminal import Console, on_one_line, say
from detector.errors import ClonewatchError
from detector.program import program_name

app = typer.Typer(
    name="clonewatch",
    cls=DeferredCommandGroup,
    help="Finds web sites that impersonate a brand, proves it with pictures, and hands the proof to the takedown desk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        say(program_name())
        raise typer.Exit


@app.callback()
def clonewatch(
    _version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Log to standard error in detail."),
    log_format: Annotated[
        LogFormat,
        typer.Option("--log-format", envvar=VARIABLE, help="Format of the log: text for people, or JSON lines."),
    ] = LogFormat.TEXT,
) -> None:
    """Finds web sites that impersonate a brand, proves it with pictures, and hands the proof to the takedown desk."""
    log_to_stderr(log_format, verbose=verbose)


def main() -> None:
    """Run the command line and leave with a documented exit code."""
    closed = mend_streams()  # before the first file is opened
    share_one_arena()  # before the first thread
    signal.signal(signal.SIGTERM, _stop)
    _left_out_rows()  # of a command that ran before in this process
    try:
        check_arguments(sys.argv[1:], os.environ)
        check_places(sys.argv[1:])
        check_closed(sys.argv[1:], closed)
        app()
    except ClonewatchError as error:
        _print_error(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        # code that opens files raises errors of its own; this catches the rest, such as a disk that fills up
        where = f" ({error.filename})" if error.filename else ""
        remedy = f"; {said}" if (said := remedy_of(error)) else ""
        _print_error(
            f"the operating system reported: {error.strerror or error}{where}{remedy}; finished work is stored"
        )
        sys.exit(ExitCode.ENVIRONMENT)
    except SystemExit as leave:
        left_out = _left_out_rows()
        if left_out:
            _print_error(left_out)
            sys.exit(ExitCode.ENVIRONMENT)
        if leave.code == ExitCode.INTERRUPTED:
            _print_error("stopped; finished work is stored, the rest stays in the backlog")
        raise


def _stop(*_: object) -> None:
    """Treat SIGTERM like Ctrl-C, so that leases are released and browsers and their folders are cleaned up."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # inherited from a shell that started this in the background, or from a pool of processes
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def _left_out_rows() -> str:
    """Say which rows of the database were left out because they are damaged, and forget them; loads no store by itself."""
    damage = sys.modules.get("detector.store.damage")
    return damage.LEFT_OUT.taken() if damage is not None else ""


def _print_error(message: str) -> None:
    # an error may quote a feed or a server; the red is left out where there is no terminal
    Console(stderr=True).print(
        f"clonewatch: {on_one_line(message)}", style="red", markup=False, highlight=False, soft_wrap=True
    )


if __name__ == "__main__":
    main()
