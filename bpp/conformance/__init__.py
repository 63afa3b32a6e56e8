"""Conformance: a buyer that proves any home-services seller by what crosses the wire.

Scenarios make a seller talk, a flow is what was said, checks judge flows, reports tell what they found. Nothing here
knows a seller's program: it stands on the sandbox's buyer app, the message shapes and the signatures alone (ADR 0032).
"""
