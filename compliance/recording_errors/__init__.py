"""Finding what may be a recording error: statements over the whole state, and the table by which each is scored.

Georgia named 121 officers over missing training, and at least 40 of them were clerical errors: so every apparent
shortfall is looked into before anyone is written to.
"""
