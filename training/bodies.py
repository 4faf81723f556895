"""The bodies that report training: agencies their in-service, providers their classes. One desk serves both."""

from training.models import Agency, Provider, SourceKind

Body = Agency | Provider


def is_provider(body: Body | None) -> bool:
    """Whether a body is a licensed provider."""
    return isinstance(body, Provider)


def field_of(body: Body) -> str:
    """What the field is called that names such a body: agency or provider."""
    return "provider" if is_provider(body) else "agency"


def source_kind_of(body: Body) -> SourceKind:
    """What a body's own training is: approved hours of a provider, in-service of an agency."""
    return SourceKind.APPROVED_PROVIDER if is_provider(body) else SourceKind.IN_SERVICE


def named(body: Body, prefix: str = "") -> dict[str, Body]:
    """The body by the name of its field, as a service or a filter takes it; `prefix` reaches through a relation."""
    return {f"{prefix}{field_of(body)}": body}
