"""The onboarding doctor: a deployment looked at from outside and from inside, before the registry or a peer does.

Each probe is a module: ``look`` observes over the wire, the disk or the database, ``judge`` is pure and says of what
was observed what is right, which ONDC error it would cause, and what to do. ``examine`` runs them.
"""
