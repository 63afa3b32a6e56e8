"""The accountant's pages: reconciliation, commission and tax, payouts, exports."""
