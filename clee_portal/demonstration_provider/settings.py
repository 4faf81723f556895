"""Settings of the demonstration's identity provider: those of the portal, with its own addresses and no database."""

import os

from django.core.exceptions import ImproperlyConfigured

from clee_portal.settings import *  # noqa: F403 - the portal's, changed below
from clee_portal.settings import CLEE_EMBEDDED, CLEE_TESTING, CONTENT_SECURITY_POLICY, MO_LOGIN_ISSUER, TEMPLATES, env

if not (CLEE_EMBEDDED or CLEE_TESTING):
    raise ImproperlyConfigured("The demonstration of MO Login runs beside the embedded servers only (bin/run).")
if not MO_LOGIN_ISSUER:
    raise ImproperlyConfigured("Set MO_LOGIN_ISSUER: the address the demonstration of MO Login is at.")

# Where the portal is, as a browser names it: the only place anybody is sent back to.
PORTAL_ADDRESSES = env.list("DEMONSTRATION_PORTAL")

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP, on this machine

ROOT_URLCONF = "clee_portal.demonstration_provider.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # the apps are the portal's, and allauth asks for it
]
DATABASES = {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
TEMPLATES = [{**TEMPLATES[0], "OPTIONS": {"context_processors": []}}]
# A browser tells ports of one machine apart for pages, and not for cookies.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "demonstration_session"
CSRF_COOKIE_NAME = "demonstration_csrf"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {**CONTENT_SECURITY_POLICY["DIRECTIVES"], "form-action": ["'self'", *PORTAL_ADDRESSES]}
}
