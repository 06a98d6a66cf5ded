"""The HTML of one front page, read into page facts within fixed limits."""
