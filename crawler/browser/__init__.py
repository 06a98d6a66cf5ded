"""Chromium processes: start, confine, share, recycle and kill them, and speak to them over the DevTools protocol."""
