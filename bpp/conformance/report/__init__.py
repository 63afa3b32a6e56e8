"""Reports: the same findings as text, JSON, JUnit XML and one HTML page."""
