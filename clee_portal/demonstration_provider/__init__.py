"""The demonstration of MO Login: an OpenID Connect provider of made-up persons, beside the embedded servers only.

A process of its own that bin/run starts, so that a newcomer can walk the whole path of signing in offline. It has no
database and no passwords; each of its pages says that it is not the state's sign-in.
"""
