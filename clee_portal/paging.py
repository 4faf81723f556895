"""Lists in pages: an address with a page that is not there shows one that is."""


class PagesMixin:
    """A list whose page number may be anything: one that is void or too high shows the nearest page."""

    def paginate_queryset(self, queryset, page_size: int):
        """The page that is asked for, or the nearest."""
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get(self.page_kwarg))
        return page.paginator, page, page.object_list, page.has_other_pages()
