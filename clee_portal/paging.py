"""Lists in pages, and lists that are worked through one by one (work queues).

The address of a queue holds what it is limited to. `?open=1` leads to its first item; the page of an item is given
`?next=`, an address that opens the one after it, whatever became of the item meanwhile. So an act on an item leads on
to the next, and a page of an item can say "skip this one", without knowing which queue it was opened from.
"""

from abc import ABC, abstractmethod
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

# So many places an item may have moved up while it was looked at, because others settled what stood before it.
LOOK_BACK = 50
_OPENING = ("open", "after", "place", "page")


class PagesMixin:
    """A list whose page number may be anything: one that is void or too high shows the nearest page."""

    def paginate_queryset(self, queryset, page_size: int):
        """The page that is asked for, or the nearest."""
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get(self.page_kwarg))
        return page.paginator, page, page.object_list, page.has_other_pages()


class QueueMixin(PagesMixin, ABC):
    """A list that is worked through: say in `item_url` where an item is worked on. Each item of the page shown gets
    `queue_address`, which leads there and knows the way on."""

    @abstractmethod
    def item_url(self, item) -> str:
        """The page on which an item is worked on."""

    def item_key(self, item) -> str:
        """What tells an item from the others."""
        return str(item.pk)

    def items(self):
        """All items asked for, in their order: something that can be sliced."""
        return self.get_queryset()

    def get(self, request, *args, **kwargs):
        """The list; with `?open=`, on to an item."""
        if "open" in request.GET:
            return self.open_next()
        return super().get(request, *args, **kwargs)

    def open_next(self):
        """On to the first item, or the one that follows `?after=`; back to the list where none does."""
        given = self.request.GET
        place = int(given["place"]) if given.get("place", "").isdecimal() and len(given["place"]) < 9 else 0
        first = max(place - LOOK_BACK, 0)
        near = list(self.items()[first : place + 3])
        keys = [self.item_key(one) for one in near]
        # Settled, it left the list, and the next one stands in its place.
        wanted = keys.index(given["after"]) + 1 if given.get("after") in keys else place - first
        if wanted < len(near):
            return redirect(self.address_of(near[wanted], first + wanted))
        messages.info(self.request, "That was the last one here." if given.get("after") else "Nothing waits here.")
        limited = self.limited_to()
        return redirect(f"{self.request.path}?{limited.urlencode()}" if limited else self.request.path)

    def limited_to(self) -> QueryDict:
        """The filters of the address."""
        query = self.request.GET.copy()
        for name in _OPENING:
            query.pop(name, None)
        return query

    def address_of(self, item, place: int) -> str:
        """Where an item is worked on, with the way on from there; `place` counts from 0."""
        query = self.limited_to()
        query.update({"open": "1", "after": self.item_key(item), "place": str(place)})
        url = self.item_url(item)
        return f"{url}{'&' if '?' in url else '?'}{urlencode({'next': f'{self.request.path}?{query.urlencode()}'})}"

    def paginate_queryset(self, queryset, page_size: int):
        """The page asked for, each of its items with its address."""
        paginator, page, items, has_others = super().paginate_queryset(queryset, page_size)
        page.object_list = items = list(items)
        for number, one in enumerate(items, max(page.start_index() - 1, 0)):
            one.queue_address = self.address_of(one, number)
        return paginator, page, items, has_others


class OnwardMixin:
    """The page of an item that may have been opened from a queue (`?next=`)."""

    @property
    def onward(self) -> str:
        """The address that opens the next item; empty where the page was opened by itself."""
        given = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(given, {self.request.get_host()}, self.request.is_secure())
        return given if is_ours else ""

    def get_context_data(self, **kwargs):
        """Also the way on, the queue it was opened from, and what links to other pages of the item carry along."""
        onward = self.onward
        return super().get_context_data(
            onward=onward if "open" in QueryDict(urlsplit(onward).query) else "",
            onward_queue=_without_opening(onward),
            onward_query=f"?{urlencode({'next': onward})}" if onward else "",
            **kwargs,
        )

    def go_on(self, otherwise: str, *args):
        """After an act: to the next item, or to the page `otherwise` where there is none."""
        return redirect(self.onward) if self.onward else redirect(otherwise, *args)


def _without_opening(address: str) -> str:
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    for name in _OPENING:
        query.pop(name, None)
    return parts._replace(query=query.urlencode()).geturl()
