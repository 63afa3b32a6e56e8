"""Everything that differs between ONDC domains, and between the dialects of peers."""
