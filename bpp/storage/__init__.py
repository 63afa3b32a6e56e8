"""The only code that knows SQLAlchemy. Everyone else sees ``bpp.storage.ports``."""
