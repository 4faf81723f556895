"""Where documents lie: a folder (setting DOCUMENTS_ROOT) that no address leads to."""

from django.core.files.storage import FileSystemStorage


class PrivateStorage(FileSystemStorage):
    """Files that are handed out by a view alone, which asks who may read them."""

    def url(self, name):
        """There is none. Raises ValueError."""
        raise ValueError("A document has no address of its own: compliance:relief_document hands it out.")
