"""Entry point of the discovery process, which :mod:`crawler.discovery.runner` starts."""

from __future__ import annotations

from crawler.runtime.import_pause import pause_garbage_collector


def main() -> None:
    """Run the job that is given on standard input."""
    pause_garbage_collector()
    from crawler.discovery.child_job import main as run  # noqa: PLC0415  after the garbage collector was disabled

    run()


if __name__ == "__main__":
    main()
