"""Access to the broker for commands; its libraries are the optional extra ``clonewatch[broker]``."""

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
def broker_libraries(otherwise: str) -> Iterator[None]:
    """Turn a failed import of the broker's libraries into an error that says how to install them.

    ``otherwise``: the command that works without a broker.

    Raises:
        EnvironmentFault: the libraries are not installed.
    """
    try:
        yield
    except ImportError as error:
        raise EnvironmentFault(
            f"the libraries for the broker are not installed ({error}); install clonewatch[broker], "
            f"or work without it: `{otherwise}`"
        ) from error


def judging_sender(config: BrokerConfig) -> Callable[[Sequence[int]], None] | None:
    """Return a function that sends ids of captures to the workers, to be judged again; None where no broker is configured.

    Raises:
        EnvironmentFault: a broker is configured and its libraries are not installed.
    """
    app = application(config, "clonewatch rejudge --here")
    if app is None:
        return None
    from crawler.jobs.broker.rejudge_messages import send_captures  # noqa: PLC0415

    return partial(send_captures, app)


def application(config: BrokerConfig, otherwise: str) -> Celery | None:
    """Return the Celery application; None where no broker is configured.

    ``otherwise``: the command that works without a broker, for the error.

    Raises:
        EnvironmentFault: a broker is configured and its libraries are not installed.
    """
    if not config.url:
        return None
    with broker_libraries(otherwise):
        from crawler.jobs.broker.celery_app import make_app  # noqa: PLC0415
    return make_app(config)
