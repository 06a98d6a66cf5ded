"""Entry point of the process that discovery runs in; :mod:`crawler.discovery.runner` starts it."""

from __future__ import annotations

from crawler.runtime.import_pause import begin_loading


def main() -> None:
    """Do the job that stands on standard input."""
    begin_loading()
    from crawler.discovery.child_job import main as run  # noqa: PLC0415  after the collector has gone to rest

    run()


if __name__ == "__main__":
    main()
