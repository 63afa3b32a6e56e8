"""The command line: ``bpp``. Each command is a thin caller of the server, the operator API or the catalog."""
