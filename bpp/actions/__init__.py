"""What we do for each Beckn action: load, decide, save, reply. Thin callers of ``bpp.core``."""
