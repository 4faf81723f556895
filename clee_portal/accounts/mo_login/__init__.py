"""Signing in through MO Login, the state's own sign-in, taken to be OpenID Connect.

`adapter.py`, with `discovery.py`, `tokens.py` and `fetching.py` below it, is all that knows the protocol: should MO
Login turn out to speak another one, they are what is replaced. Everything else knows only an `identities.Identity`: who
vouches (the issuer), for whom (the subject), and what address and name go with it. An account belongs to (issuer,
subject), never to an e-mail address.
"""
