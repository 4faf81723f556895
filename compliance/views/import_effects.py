"""Whose standing undoing a file would change."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from compliance.views.effects import RehearsalView
from training import access
from training.models import TrainingImport
from training.services import import_undo


class ImportUndoEffectView(RehearsalView):
    """What undoing a whole file would take away."""

    is_loss = True

    def act(self, request, reference: str):
        """Undo it."""
        found = (
            TrainingImport.objects.visible_to(request.user)
            .with_reference(reference)
            .select_related("agency", "provider")
        )
        held = get_object_or_404(found.defer("content"))
        if not access.may_report_class(request.user, held.body):
            raise PermissionDenied
        return lambda: import_undo.undo(by=request.user, training_import=held, reason="Rehearsal")
