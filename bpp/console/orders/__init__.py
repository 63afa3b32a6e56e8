"""The pages of one order, for all who have to do with it."""
