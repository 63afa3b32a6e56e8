"""Network observability: what was said on the network, told to the network without anybody in it (network.md 3.1).

Pure: ``types`` (what is told), ``outcome`` (how it ended), ``masking`` (without persons), ``entries`` (a row of the
log of messages as what is pushed), ``policy`` (what follows from an answer), ``gaps`` (what is missing of a day). At
the edge: ``reader`` and ``push``, a reader of the log with a cursor of its own, never in the path of a request.
"""
