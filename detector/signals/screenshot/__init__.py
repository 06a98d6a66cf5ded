"""The signal ``screenshot``: how close the picture is to a page that the brand itself shows.

``codes`` are hashes of the whole picture and of its middle, ``blocks`` compares block by block after moving one picture onto the
other, ``official`` keeps both of the brands' captured pages, ``signal`` asks.
"""

from detector.signals.screenshot.screenshot_signal import ScreenshotSignal

__all__ = ["ScreenshotSignal"]
