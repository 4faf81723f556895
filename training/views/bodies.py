"""The training desk of an agency or a provider: the same pages for both, each with the addresses it has there."""

from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from clee_portal.accounts.models import User
from training import access
from training.bodies import Body, field_of, is_provider
from training.models import Agency, Provider

# The pages that both have, by the name of an agency's address; a provider's is called the same behind "provider_".
_PAGES = ("class_enter", "class_list", "import_list", "held_rows", "duplicate_list")


@dataclass(frozen=True)
class Desk:
    """The desk of one body, as templates need it."""

    body: Body

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider's."""
        return is_provider(self.body)

    @property
    def word(self) -> str:
        """What the body is, in a word: agency or provider."""
        return field_of(self.body)

    @property
    def of(self) -> str | int:
        """What its addresses take: an agency's code, a provider's number."""
        return self.body.pk if self.is_provider else self.body.code

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of its addresses."""
        prefix = "training:provider_" if self.is_provider else "training:"
        return {page: f"{prefix}{page}" for page in _PAGES}

    @cached_property
    def urls(self) -> dict[str, str]:
        """Its addresses."""
        return {page: reverse(name, args=[self.of]) for page, name in self.names.items()}


def found(user: User, kwargs: dict) -> Body:
    """The body an address names by `code` (an agency) or `pk` (a provider), among those open to `user`; else 404."""
    if "code" in kwargs:
        return get_object_or_404(Agency.objects.visible_to(user), code=kwargs["code"])
    return get_object_or_404(Provider.objects.visible_to(user), pk=kwargs["pk"])


class BodyMixin:
    """A page of one body, among those open to the person; `right` says who may use it."""

    right = staticmethod(access.may_see_body)

    def setup(self, request, *args, **kwargs):
        """The body; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        self.body = found(request.user, kwargs)

    def dispatch(self, request, *args, **kwargs):
        """Only those who may."""
        if not self.right(request.user, self.body):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Also the body and its desk."""
        return super().get_context_data(body=self.body, desk=Desk(self.body), **kwargs)
