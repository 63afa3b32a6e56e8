"""The district officer's pages: who serves, what is missing, papers, reports."""
