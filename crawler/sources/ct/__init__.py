"""Certificate transparency: read tiled (static-CT) and RFC 6962 logs, and verify that they are what their operators signed."""
