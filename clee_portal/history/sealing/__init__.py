"""Seals over the history: that it was changed is found out, whoever did it (docs/history.md).

Each row of an event table gets the hash of its content from a trigger (`contents`). The sealer (`sealer`) chains what
is committed (`marks` says what that is) into signed statements (`statements`, `merkle`, `keys`) and keeps them outside
of the database (`destinations`). `verifying` reads everything again; `tombstones` tells it what two people had removed.
"""
