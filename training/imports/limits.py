"""How large a file may be: more than any agency's year, less than what would stop the machine."""

MOST_BYTES = 30 * 1024 * 1024
MOST_UNPACKED = 150 * 1024 * 1024
MOST_PACKING = 200  # times smaller than its content: no honest workbook is
MOST_ROWS = 250_000
MOST_COLUMNS = 200
MOST_CELLS = 4_000_000
MOST_MERGES = 10_000
# Of processor time, for a file somebody sends: more than twice what the largest honest workbook takes
# (docs/imports.md), and less than the proxy waits. It is looked at as often as a piece of the file or so many rows
# were read.
MOST_SECONDS = 60
ROWS_BETWEEN_LOOKS = 1_000
BLANK_ROWS_ON_END = 1_000  # after so many it is looked whether anything stands below
MOST_BLANK_ROWS = 20_000  # before something that stands below them
ROWS_TO_LOOK_FOR_NAMES = 30
ROWS_TO_LOOK_FOR_DELIMITER = 60
TEXT_TO_LOOK_AT = 65_536  # characters: for the delimiter, and for signs that no table has
BYTES_TO_LOOK_FOR_ENCODING = 4_096
ROWS_A_CHUNK = 5_000


def in_megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 1024 / 1024:,.0f} MB"
