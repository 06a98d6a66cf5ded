"""Recognise logos of brands in image boxes and anywhere else on a screenshot.

``render`` draws a brand's logo files, ``shape`` describes drawings and crops for comparison, ``gallery`` has the vectors of all
brands' logos, ``regions`` proposes regions of the screenshot, ``verify`` compares shapes, and ``logo_signal`` combines them.
"""

from detector.signals.logo.logo_signal import LogoSignal

__all__ = ["LogoSignal"]
