"""Cells of the files written here: no spreadsheet program takes one for a formula."""

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def escape(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: an apostrophe stands before what begins like one."""
    return f"'{text}" if text[:1] in STARTS else text
