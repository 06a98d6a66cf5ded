"""The demo: web sites of our own on loopback, and a run of the whole product against them."""
