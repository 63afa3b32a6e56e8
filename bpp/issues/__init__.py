"""Grievances: one model for both versions, what may happen to an issue, and what becomes of the order. Pure."""
