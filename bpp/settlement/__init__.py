"""Reconciliation and settlement with buyer apps and the settlement agency (RSF 2.0.0). Pure."""
