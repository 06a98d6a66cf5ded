"""The demo: our own web sites on loopback, and a run of the product against them."""
