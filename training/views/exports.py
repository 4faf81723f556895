"""The page of whole files, and the files: streamed, and written into the record of access with their rows."""

from django.db import DEFAULT_DB_ALIAS
from django.http import StreamingHttpResponse
from django.urls import URLPattern, path
from django.views.generic import TemplateView, View

from clee_portal import clock, replica
from training import access, exports
from training.views.register import SeesRegisterMixin


class _ExportsMixin(SeesRegisterMixin):
    """For those who may take whole files."""

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_export(self.request.user)


class ExportListView(_ExportsMixin, TemplateView):
    """Which files there are, and what each column means."""

    template_name = "training/export_list.html"

    def get_context_data(self, **kwargs):
        """Each with the addresses of both kinds."""
        files = [(one, name_of(one.code, "csv"), name_of(one.code, "jsonl")) for one in exports.EXPORTS]
        return super().get_context_data(
            files=[one for one in files if not one[0].closed],
            public=[one for one in files if one[0].closed],
            **kwargs,
        )


class ExportFileView(_ExportsMixin, View):
    """One file, as CSV or JSON Lines, sent as it is read."""

    http_method_names = ("get", "head", "options")
    code = kind = ""

    def get(self, request):
        """The file."""
        export = exports.named(self.code)
        name = f"{export.code}-{clock.today():%Y-%m-%d}.{self.kind}"
        using = replica.REPLICA if replica.is_up_to_now() else DEFAULT_DB_ALIAS
        how_many = export.how_many(request.user, using=using)
        lines = () if request.method == "HEAD" else export.lines(request.user, self.kind, using=using)
        response = StreamingHttpResponse(
            lines,
            content_type=exports.KINDS[self.kind],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        response.how_many = how_many
        return response


def name_of(code: str, kind: str) -> str:
    """The name of the address of a file."""
    return f"training:export_{code.replace('-', '_')}_{kind}"


def file_paths() -> list[URLPattern]:
    """The addresses of all files."""
    return [
        path(
            f"exports/{one.code}.{kind}",
            ExportFileView.as_view(code=one.code, kind=kind),
            name=name_of(one.code, kind).removeprefix("training:"),
        )
        for one in exports.EXPORTS
        for kind in exports.KINDS
    ]
