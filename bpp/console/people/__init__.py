"""The administrator's pages: who may sign in, and what happened at the door."""
