"""Where documents lie: a folder (setting DOCUMENTS_ROOT) that no address leads to."""

import contextlib
import os

from django.core.files.storage import FileSystemStorage


class PrivateStorage(FileSystemStorage):
    """Files that are handed out by a view alone, which asks who may read them."""

    def url(self, name):
        """There is none. Raises ValueError."""
        raise ValueError("A document has no address of its own: compliance:relief_document hands it out.")

    def _save(self, name, content):
        """Whole or not at all: what was written before the disk was full is taken away again."""
        try:
            return super()._save(name, content)
        except OSError:
            with contextlib.suppress(OSError):
                os.remove(self.path(name))
            raise
