"""Certificate transparency: reading tiled (static-CT) and RFC 6962 logs, and checking that they are what their operators signed."""
