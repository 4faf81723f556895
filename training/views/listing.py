"""The rows of a list as a file."""

from django.http import HttpResponseBase

from training import tables


class FileMixin:
    """All rows of a list as CSV or XLSX, whatever page is open. Give `file_name`, `header`, `file_rows`."""

    kind = "csv"

    def get(self, request, *args, **kwargs) -> HttpResponseBase:
        """The file."""
        return tables.file_response(self.kind, self.file_name(), self.header, self.file_rows())
