"""The pages and addresses of the demonstration's identity provider."""

from authlib.oauth2 import OAuth2Error
from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from clee_portal.accounts.demonstration import PERSONS
from clee_portal.demonstration_provider.server import BY_SUBJECT, KEYS, PROTECTED, PROVIDER, SCOPES

SIGNED_IN = "subject"


@require_GET
def discovery(request) -> JsonResponse:
    """What it says of itself."""
    issuer = settings.MO_LOGIN_ISSUER
    return JsonResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/keys",
            "end_session_endpoint": f"{issuer}/end",
            "scopes_supported": SCOPES.split(),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@require_GET
def keys(request) -> JsonResponse:
    """The public keys."""
    return JsonResponse(KEYS.as_dict(private=False))


@never_cache
def authorize(request) -> HttpResponse:
    """Choose who you are; whoever is signed in here already goes straight back, as at a real one."""
    person = BY_SUBJECT.get(request.session.get(SIGNED_IN))
    try:
        grant = PROVIDER.get_consent_grant(request, end_user=person)
    except OAuth2Error as error:
        return wrong(request, error)
    if request.method == "POST":
        if "leave" in request.POST:
            return PROVIDER.create_authorization_response(request, None, grant)
        person = BY_SUBJECT.get(request.POST.get("person"))
        if person is not None:
            request.session[SIGNED_IN] = person.subject
    elif request.GET.get("prompt") in ("login", "select_account"):
        person = None
    if person is None:
        return render(request, "demonstration_provider/choose.html", {"persons": PERSONS})
    return PROVIDER.create_authorization_response(request, person, grant)


def wrong(request, error: OAuth2Error) -> HttpResponse:
    """A request that is not the portal's, or not as it should be: said here, and sent nowhere."""
    return render(
        request, "demonstration_provider/wrong.html", {"error": error.error, "why": error.description}, status=400
    )


@csrf_exempt
@require_POST
def token(request) -> HttpResponse:
    """The portal fetches what a code stands for."""
    return PROVIDER.create_token_response(request)


@csrf_exempt
@PROTECTED("openid")
def userinfo(request) -> JsonResponse:
    """Address and name."""
    person = request.oauth_token.person
    said = {"sub": person.subject, "email": person.email, "email_verified": True, "name": person.name}
    return JsonResponse(said)


@csrf_exempt
@never_cache
def end(request) -> HttpResponse:
    """Signed out here, and back to the portal where it says so with an ID token of its own; else it is asked first."""
    try:
        asked = PROVIDER.validate_endpoint_request("end_session", request)
    except OAuth2Error as error:
        return wrong(request, error)
    if asked.needs_confirmation and request.method != "POST":
        return render(request, "demonstration_provider/end.html")
    request.session.flush()
    return redirect(asked.redirect_uri) if asked.redirect_uri else render(request, "demonstration_provider/ended.html")


@require_GET
def start(request) -> HttpResponse:
    """Whoever comes here by themselves learns what this is."""
    context = {"person": BY_SUBJECT.get(request.session.get(SIGNED_IN)), "portal": settings.PORTAL_ADDRESSES[0]}
    return render(request, "demonstration_provider/start.html", context)
