"""The signal ``screenshot``: similarity of the picture to the brand's own pages.

``codes`` has perceptual hashes of the whole picture and of its middle, ``blocks`` compares block by block after aligning two
pictures, ``official_pictures`` caches both for the brands' captured pages, ``screenshot_signal`` compares.
"""

from detector.signals.screenshot.screenshot_signal import ScreenshotSignal

__all__ = ["ScreenshotSignal"]
