"""The order, pure: its values, its states, its one-time password, the choice of a worker, its wire form."""
