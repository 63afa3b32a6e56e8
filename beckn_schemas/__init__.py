"""The wire, as pydantic models and tables. No behaviour beyond validation."""
