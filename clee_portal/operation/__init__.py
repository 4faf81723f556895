"""Running the portal: copies of everything and their proof, probes, logs, metrics, and what is kept how long.

`programs` finds PostgreSQL's own programs, `digests` says what a database holds in a few numbers, `copies` are the
folders that `backups` makes and `restoring` puts back and proves.
"""
