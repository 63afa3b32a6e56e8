"""Our own keys: which pairs are live, which one signs, and how one follows another without a lost request.

``model`` is what is known of them and the file that holds it, ``moves`` the steps of a rotation, ``own`` the keys of
the moment as the server uses them, ``subscribe`` the registry's payload. ``moves`` and ``subscribe`` are pure.
"""
