"""The operator API under ``/api/v1``: JSON for our staff, the console and the command line.

Handlers are thin: they read a request, call ``bpp.core`` or ``bpp.actions`` inside one unit of work, and show what
came of it. The table of routes is also the source of the OpenAPI document.
"""
