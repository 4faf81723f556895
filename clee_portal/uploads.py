"""Files people send are kept no further than the largest any page takes: the rest is read past and kept nowhere.

Anybody can send a file to any address, also where none is asked for. The form then sees a file that is too large, and
says how large it may be.
"""

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# Bytes: the largest file a form takes (files of classes, `training.imports.limits`). A test compares them.
MOST_BYTES = 30 * 1024 * 1024
# Bytes of all files of one request: above what any form takes. It is answered with 400.
MOST_OF_A_REQUEST = 150 * 1024 * 1024


class NoFurther(FileUploadHandler):
    """Hands on to the next handler what of a file is within the limit, and a piece more: so it is seen to be larger."""

    all_files = 0

    def new_file(self, *args, **kwargs):
        """Each file is counted by itself."""
        super().new_file(*args, **kwargs)
        self.handed_on = 0

    def receive_data_chunk(self, raw_data, start):
        """The piece, or nothing once there was more than is taken."""
        if self.handed_on > MOST_BYTES:
            return None
        self.handed_on += len(raw_data)
        self.all_files += len(raw_data)
        if self.all_files > MOST_OF_A_REQUEST:
            raise RequestDataTooBig("The files of one request are larger than any form takes.")
        return raw_data

    def file_complete(self, file_size):
        """The handlers after it make the file."""
        return None
