"""Logos of brands, recognised in image boxes and anywhere else on a screenshot.

``render`` draws a brand's logo files, ``shape`` turns a drawing or a crop into comparable descriptors, ``gallery`` keeps those of
all brands, ``regions`` proposes where on a page a logo could be, ``signal`` puts them together.
"""

from detector.signals.logo.logo_signal import LogoSignal

__all__ = ["LogoSignal"]
