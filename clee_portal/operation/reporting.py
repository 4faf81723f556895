"""Reports of errors to a service like Sentry, by setting (SENTRY_DSN), off by default. What is sent is named here piece
by piece; everything else that such a report usually holds stays at home: addresses, headers, what was typed, values of
variables, texts of exceptions, who it was."""

from django.conf import settings

from clee_portal.operation import logs

_FRAME = ("filename", "function", "module", "lineno", "in_app")


def begin(**more) -> bool:
    """Report errors from here on; False where no service is named. `more` goes to the client as it is (tests)."""
    if not settings.SENTRY_DSN:
        return False
    # Only where a service is named: importing it costs each process a tenth of a second.
    import sentry_sdk  # as above
    from sentry_sdk.integrations.celery import CeleryIntegration  # as above
    from sentry_sdk.integrations.django import DjangoIntegration  # as above

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        before_send=scrubbed,
        before_breadcrumb=lambda crumb, hint: None,
        data_collection={"user_info": False, "http_bodies": []},
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        server_name="clee",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(middleware_spans=False, signals_spans=False), CeleryIntegration()],
        **more,
    )
    return True


def scrubbed(event: dict, hint: dict) -> dict:
    """What of a report is sent."""
    told = {name: event[name] for name in ("event_id", "timestamp", "level", "platform", "release") if name in event}
    values = event.get("exception", {}).get("values", ())
    told["exception"] = {"values": [_exception(one) for one in values]}
    told["tags"] = {"request": logs.reference.get(), "page": logs.page.get()}
    if error := hint.get("exc_info", (None, None))[1]:
        told["extra"] = {"errors": [{**one, "at": one["at"][-3:]} for one in logs.exception(error)]}
    return told


def _exception(one: dict) -> dict:
    frames = (one.get("stacktrace") or {}).get("frames", ())
    kept = [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]
    return {"type": one.get("type"), "module": one.get("module"), "stacktrace": {"frames": kept}}
