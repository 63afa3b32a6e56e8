"""Scenarios: what a buyer app says to a seller, step by step, and what each step waits for."""
