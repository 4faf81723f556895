"""What a page may load, what of a device it may ask for, and how our cookies are named (docs/security.md)."""

# Nothing of this is ever asked for, by us or by anything a page might come to hold.
_NEVER = (
    "accelerometer autoplay bluetooth browsing-topics display-capture encrypted-media fullscreen geolocation gyroscope "
    "hid idle-detection local-fonts magnetometer microphone midi payment screen-wake-lock serial storage-access usb "
    "xr-spatial-tracking"
)
# The camera reads codes at the door of a class, a passkey is made and used here, a link is copied.
PERMISSIONS = {name: [] for name in _NEVER.split()} | dict.fromkeys(
    ("camera", "clipboard-write", "publickey-credentials-create", "publickey-credentials-get"), "self"
)


def content_security(form_targets: list[str]) -> dict:
    """The content security policy: everything from ourselves, nothing inline; forms may lead to `form_targets` too."""
    return {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "font-src": ["'self'"],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": ["'self'", *form_targets],
            "frame-ancestors": ["'none'"],
        }
    }


def cookies(*, is_https: bool) -> dict:
    """The names of our cookies, and that they are sent over TLS alone. By `__Host-` in a name browsers refuse it from
    another host of the domain and from a page without TLS, so that nobody else can set ours (RFC 6265bis, 4.1.3.2).
    """
    prefix = "__Host-" if is_https else ""
    names = {"SESSION": "sessionid", "CSRF": "csrftoken", "LANGUAGE": "django_language"}
    return {f"{cookie}_COOKIE_NAME": prefix + name for cookie, name in names.items()} | {
        f"{cookie}_COOKIE_SECURE": is_https for cookie in names
    }
