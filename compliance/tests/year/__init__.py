"""A year in a minute: the reminders of a period from October 1 to April 1, through real processes that are ill-treated.

`python -m compliance.tests.year` runs it by itself; test_year.py says how it is run with the tests.
"""
