"""The call-centre operator's pages: find, book, look up."""
