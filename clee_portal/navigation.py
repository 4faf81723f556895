"""What every page shows around its content: the way to one's work, and which hats one wears."""

from django.conf import settings


def site(request) -> dict:
    """Context of every page."""
    return {"is_demonstration": settings.IS_DEMONSTRATION, "navigation": [], "hats": []}
