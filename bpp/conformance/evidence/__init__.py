"""Folders of recorded messages: reading anybody's, writing our own, and telling whether one was changed (ADR 0034)."""
