"""The sandbox's counterparts: a buyer app and a gateway that know the seller's side only through the wire.

For people who try the program out, for the demonstration and for our own tests. Nothing here imports another package
of ``bpp``: what it learns, it learns from signed messages, as any participant of the network would.
"""
