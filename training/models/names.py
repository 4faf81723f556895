"""Names compared without accents and case, by the database."""

from django.db import models


class ImmutableUnaccent(models.Func):
    """`unaccent` with a fixed dictionary, so that generated columns and indexes may use it."""

    function = "immutable_unaccent"
    output_field = models.TextField()
    arity = 1
