"""What commands need of the broker, whose libraries are an extra."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from detector.config import BrokerConfig
from detector.errors import EnvironmentFault

if TYPE_CHECKING:
    from celery import Celery


@contextmanager
def extra_is_there(otherwise: str) -> Iterator[None]:
    """Around imports of what speaks to a broker; ``otherwise``: the command that works without.

    Raises:
        EnvironmentFault: it is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise EnvironmentFault(
            f"what speaks to a broker is not installed ({error}); install clonewatch[broker], or work without it: {otherwise}"
        ) from error


def judging_sender(config: BrokerConfig) -> Callable[[Sequence[int]], None] | None:
    """What sends captures to the workers to be judged anew; None and errors as of :func:`application`."""
    app = application(config, "clonewatch rejudge --here")
    if app is None:
        return None
    from crawler.jobs.broker.rejudge_messages import send_captures  # noqa: PLC0415

    return partial(send_captures, app)


def application(config: BrokerConfig, otherwise: str) -> Celery | None:
    """What speaks to the broker; None where there is none.  ``otherwise``: the command that works without.

    Raises:
        EnvironmentFault: there is one, and what speaks to it is not installed.
    """
    if not config.url:
        return None
    with extra_is_there(otherwise):
        from crawler.jobs.broker.celery_app import make_app  # noqa: PLC0415
    return make_app(config)
