"""Requests to the identity provider: never longer, larger or elsewhere than they should be.

A web process waits for the answer, so a provider that is slow, endless or gone must cost seconds and not the portal.
"""

import time
from urllib.parse import urlsplit

import requests

CONNECT_SECONDS = 3
SILENCE_SECONDS = 4  # without a single byte
WHOLE_SECONDS = 8
MOST_BYTES = 256 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unavailable(requests.RequestException):
    """The provider does not answer, or not in a way that can be read: too large, too slow, elsewhere."""


class BoundedSession(requests.Session):
    """A session of requests with limits of time and size, which follows no redirection."""

    def request(self, method, url, **kwargs) -> requests.Response:
        """The answer, read to its end. Raises `Unavailable` or another `requests.RequestException`."""
        began = time.monotonic()
        if urlsplit(url).hostname in LOOPBACK:
            self.trust_env = False  # a proxy for the world is none for this machine
        kwargs |= {"timeout": (CONNECT_SECONDS, SILENCE_SECONDS), "stream": True, "allow_redirects": False}
        self.headers["Accept-Encoding"] = "identity"
        response = super().request(method, url, **kwargs)
        try:
            response._content = _body(response, began)  # what requests itself would put there, read with limits
        finally:
            response.close()
        if response.is_redirect:
            raise Unavailable(f"{url} leads elsewhere")
        return response


def _body(response: requests.Response, began: float) -> bytes:
    parts, size = [], 0
    try:
        # read1: what has come, so that an answer that drips is noticed; read() would wait for a whole block.
        while part := response.raw.read1(64 * 1024):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise Unavailable(f"{response.url} answers with more than {MOST_BYTES} bytes")
            if time.monotonic() - began > WHOLE_SECONDS:
                raise Unavailable(f"{response.url} took longer than {WHOLE_SECONDS} seconds")
    except requests.RequestException:
        raise
    except Exception as error:  # urllib3 has a dozen kinds of its own, sockets more
        raise Unavailable(f"{response.url} stopped answering: {error!r}") from error
    return b"".join(parts)


def json_object(url: str) -> dict:
    """The JSON object at an address. Raises `requests.RequestException` where there is none."""
    with BoundedSession() as session:
        response = session.get(url, headers={"Accept": "application/json"})
    if response.status_code != requests.codes.ok:
        raise Unavailable(f"{url} answers {response.status_code}")
    try:
        found = response.json()
    except ValueError as error:
        raise Unavailable(f"{url} does not answer with JSON") from error
    if not isinstance(found, dict):
        raise Unavailable(f"{url} does not answer with a JSON object")
    return found
