"""The record set of a class, as one download."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.generic import View

from training import access
from training.services import class_records
from training.views.class_pages import OneClassMixin


class ClassRecordsView(OneClassMixin, View):
    """Everything that is kept of a class, for the people of the body that reported it and the state's."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs) -> HttpResponse:
        """The file."""
        if not access.can_take_class_records(request.user, self.object):
            raise PermissionDenied
        made = class_records.make(by=request.user, training_class=self.object)
        response = HttpResponse(
            made.content,
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
        )
        response.how_many = made.how_many  # for the record of access
        return response
