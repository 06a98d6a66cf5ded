"""Modules are loaded while the collector of cycles rests: it would look through all that is new again and again, and find nothing.

A start takes a quarter less for it.  What has been loaded is never looked through afterwards either, nor when the process ends;
and a process that is forked shares its pages for longer.
"""

from __future__ import annotations

import gc


def begin_loading() -> None:
    """Call it before the imports."""
    gc.disable()


def end_loading() -> None:
    """Call it when all is there."""
    gc.freeze()
    gc.enable()
