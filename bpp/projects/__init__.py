"""Project work: a requirement, bids, an agreement, milestones. Pure."""
