"""The cheap look: what a front page says by plain HTTP, without a browser."""
