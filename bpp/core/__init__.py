"""What can be done, whatever the channel: find, quote and hold, book, advance, cancel, rate (decision 23).

Beckn handlers, the operator API and the command line are thin callers of these functions. Each loads through
``Work``, decides with the pure packages, and saves.
"""
