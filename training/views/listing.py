"""The rows of a list as a file."""

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from training import tables


class FileMixin:
    """All rows of a list as CSV or XLSX, whatever page is open. Give `file_name`, `header`, `file_rows`.

    Put before the view of a page it takes that page's rows and its rights, and nothing can be sent to it.
    """

    kind = "csv"
    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs) -> HttpResponseBase:
        """The file."""
        return tables.file_response(self.kind, self.file_name(), self.header, self.file_rows())


def file_paths(route: str, view: type[FileMixin], name: str) -> list[URLPattern]:
    """The two addresses of a list as a file: `route`.csv, called `name`_csv, and the same as XLSX."""
    return [path(f"{route}.{kind}", view.as_view(kind=kind), name=f"{name}_{kind}") for kind in ("csv", "xlsx")]
