"""The root of many rows: the Merkle tree of RFC 6962, built while the rows go by, in memory of its height."""

import hashlib


def leaf(key: int, content_hash: bytes) -> bytes:
    """What the tree holds of a row: its number and the hash of its content."""
    return key.to_bytes(8, "big", signed=True) + content_hash


class Tree:
    """A tree to which rows are added in their order."""

    def __init__(self):
        self.count = 0
        self._left: list[tuple[int, bytes]] = []  # whole subtrees, as (how many rows, root), the largest first

    def add(self, key: int, content_hash: bytes) -> None:
        """One row more."""
        rows, root = 1, hashlib.sha256(b"\x00" + leaf(key, content_hash)).digest()
        while self._left and self._left[-1][0] == rows:
            _, before = self._left.pop()
            rows, root = rows * 2, hashlib.sha256(b"\x01" + before + root).digest()
        self._left.append((rows, root))
        self.count += 1

    @property
    def root(self) -> str:
        """The root, in hexadecimal; that of no rows is the hash of nothing."""
        if not self._left:
            return hashlib.sha256(b"").hexdigest()
        _, root = self._left[-1]
        for _, before in reversed(self._left[:-1]):
            root = hashlib.sha256(b"\x01" + before + root).digest()
        return root.hex()
