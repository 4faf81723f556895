"""Months are never shortened where a whole date is said: November 23, 2026."""

DATE_FORMAT = "F j, Y"
DATETIME_FORMAT = "F j, Y, g:i A"
