"""People who sign in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, their state roles, and how they sign in."""

    name = "clee_portal.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
