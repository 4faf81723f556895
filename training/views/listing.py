"""Lists in pages, and the same rows as a file."""

from django.http import HttpResponseBase

from training import tables


class PagesMixin:
    """A list whose page number may be anything: one that is void or too high shows the nearest page."""

    def paginate_queryset(self, queryset, page_size: int):
        """The page that is asked for, or the nearest."""
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()


class FileMixin:
    """All rows of a list as CSV or XLSX, whatever page is open. Give `file_name`, `header`, `file_rows`."""

    kind = "csv"

    def get(self, request, *args, **kwargs) -> HttpResponseBase:
        """The file."""
        return tables.file_response(self.kind, self.file_name(), self.header, self.file_rows())
