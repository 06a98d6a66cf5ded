"""Recognise logos of brands in image boxes and anywhere else on a screenshot.

``logo_drawing`` draws a brand's logo files, ``shape`` describes drawings and crops for comparison, ``gallery`` has the vectors of
all brands' logos, ``regions`` proposes regions of the screenshot, ``logo_proof`` compares shapes, ``logo_signal`` combines them.
"""

from detector.signals.logo.logo_signal import LogoSignal

__all__ = ["LogoSignal"]
