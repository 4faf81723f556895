"""How allauth's second factors are bent to the portal: secrets are encrypted, and words are the portal's."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from clee_portal.accounts import encryption, second_factor


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts what must be read again, and lets nobody who needs a second step remove their last."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Whoever acts for the state needs a second step. Add another one first, then "
        "remove this one.",
        "incorrect_code": "That did not work. Try again; if it goes on, use your other second step or a recovery code.",
    }

    def encrypt(self, text: str) -> str:
        """Before it is kept."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """When it is needed."""
        return encryption.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        """As the app shows it."""
        return "CLEE Portal"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host alone decides to whom a passkey answers; the name is for the eye."""
        return {**super().get_public_key_credential_rp_entity(), "name": "CLEE Portal"}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody who needs one."""
        return second_factor.may_be_removed(authenticator)

    def generate_authenticator_name(self, user, type: Authenticator.Type) -> str:
        """What a key is called where its owner does not say."""
        held = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {held + 1}" if held else "My passkey"
