"""Tell the maker of a page's tools from whom it imitates: installed software, site builders, shop systems, form services."""

from detector.signals.platform.platform_signal import PlatformSignal
from detector.signals.platform.software_signal import SoftwareSignal

__all__ = ["PlatformSignal", "SoftwareSignal"]
