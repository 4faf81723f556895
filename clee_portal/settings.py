"""Settings, all from the environment. Outside the embedded default an unset secret or host refuses to start.

No number of the domain (hours, dates, limits of the rules) belongs here: those are data.
"""

from pathlib import Path

import environ
import pghistory
import pgtrigger
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from clee_portal import browser_policy, languages, storage_from_environment
from clee_portal.operation.from_environment import operation
from clee_portal.schedule import schedule
from clee_portal.sign_in_from_environment import mo_login

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# CLEE_EMBEDDED is set by bin/run, bin/test and bin/manage when they start the servers themselves.
CLEE_EMBEDDED = env.bool("CLEE_EMBEDDED", default=False)
CLEE_TESTING = env.bool("CLEE_TESTING", default=False)
CLEE_AS_OWNER = env.bool("CLEE_AS_OWNER", default=False)
DEBUG = env.bool("DEBUG", default=False)
# A file with the seconds by which the clock of the portal is turned: under test only (clee_portal/clock.py).
CLOCK_OFFSET_FILE = env.str("CLOCK_OFFSET_FILE", default="")
if CLOCK_OFFSET_FILE and not CLEE_TESTING:
    raise ImproperlyConfigured("CLOCK_OFFSET_FILE turns the clock, and is for tests only: take it away.")


def required(name: str, embedded_default: str) -> str:
    """The environment variable `name`; its default holds only beside embedded servers or in tests."""
    value = env.str(name, default="")
    if value:
        return value
    if CLEE_EMBEDDED or CLEE_TESTING:
        return embedded_default
    raise ImproperlyConfigured(f"Set {name} in the environment; see docs/operations.md. (bin/run sets it by itself.)")


SECRET_KEY = required("SECRET_KEY", "only-for-tests-and-the-embedded-default-0123456789")
ALLOWED_HOSTS = [host for host in required("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",") if host]
# What encrypts secrets that must be read again (codes of a second step): the first encrypts, every one decrypts.
FIELD_ENCRYPTION_KEYS = [
    key for key in required("FIELD_ENCRYPTION_KEYS", "b25seS1mb3ItdGVzdHMtYW5kLXRoZS1lbWJlZGRlZC0=").split(",") if key
]
try:
    [Fernet(key) for key in FIELD_ENCRYPTION_KEYS]
except ValueError:
    raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS: each is 32 random bytes in URL-safe base64.") from None
# What signs transcripts (Ed25519): the first signs; docs/operations.md says how another takes its place.
SIGNING_KEYS = [
    key for key in required("SIGNING_KEYS", "b25seS1mb3ItdGVzdHM6IHNpZ25zIG5vIHBhcGVyISE=").split(",") if key
]
try:
    [Fernet(key) for key in SIGNING_KEYS]  # of the same form: 32 bytes
except ValueError:
    raise ImproperlyConfigured("SIGNING_KEYS: each is 32 random bytes in URL-safe base64.") from None
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "clee_portal.accounts",
    "clee_portal.history",
    "notifications",
    "training",
    "compliance",
    "clee_portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_celery_beat",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "clee_portal.operation.requests.RequestMiddleware",
    "clee_portal.operation.probes.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clee_portal.language_middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clee_portal.nul.WithoutNulMiddleware",
    "clee_portal.accounts.middleware.SignInRequiredMiddleware",
    "clee_portal.accounts.middleware.SecondFactorMiddleware",
    "clee_portal.accounts.middleware.ActivityMiddleware",
    "clee_portal.history.middleware.HistoryMiddleware",
    "clee_portal.access_record.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "clee_portal.urls"
WSGI_APPLICATION = "clee_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clee_portal.navigation.site",
            ],
        },
    },
]

# The application's role is not the owner of the tables; CLEE_AS_OWNER=1 is for migrations only (docs/operations.md).
_database_url = required("DATABASE_URL", "postgres://clee_app@127.0.0.1:5432/clee")
if CLEE_AS_OWNER:
    _database_url = env.str("DATABASE_OWNER_URL", default=_database_url)
DATABASES = {"default": {**env.db_url_config(_database_url), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
# What is asked for every page is planned once for each connection (clee_portal/compiled.py); a pooler that lends a
# connection for one transaction needs 0, and no cursor may be left open behind one.
DATABASE_PREPARE_AFTER = env.int("DATABASE_PREPARE_AFTER", default=2)
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = not DATABASE_PREPARE_AFTER
# Tables are read by their indexes where these help: PostgreSQL's own defaults are made for turning disks, and read them
# through (docs/operations.md, Load). What DATABASE_URL says of it goes before; behind such a pooler the database does.
if DATABASE_PREPARE_AFTER:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c random_page_cost=1.1 -c jit=off")
_template = env.str("TEST_DATABASE_TEMPLATE", default=None)  # migrated already: bin/test
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", default=None), "TEMPLATE": _template}
# A copy that follows the database, and the seconds it is given to be as far as that (clee_portal/replica.py). Whoever
# works as the owner has no use for one.
REPLICA_URL = "" if CLEE_AS_OWNER else env.str("REPLICA_URL", default="")
REPLICA_WAIT = env.float("REPLICA_WAIT", default=0.25)
if REPLICA_URL:
    DATABASES["replica"] = {**env.db_url_config(REPLICA_URL), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    DATABASES["replica"]["OPTIONS"] = {"connect_timeout": 2, **DATABASES["replica"].get("OPTIONS", {})}
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
    DATABASE_ROUTERS = ["clee_portal.replica.Router"]
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default="clee_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions and the cache (rate limits) are in PostgreSQL, so that sign-in and reading work without Redis.
# What standing pages keep lies in each process of the web server: it is found by the version of its facts, so that no
# process can be behind another (docs/standing.md).
_IN_A_PROCESS = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "standings": {"BACKEND": _IN_A_PROCESS, "LOCATION": "standings", "OPTIONS": {"MAX_ENTRIES": 400}},
    "pieces": {"BACKEND": _IN_A_PROCESS, "LOCATION": "pieces"},  # of public pages, found by all they show
}
# Counts of the whole state may be so many seconds old while people write.
STATE_COUNTED_EVERY = env.int("STATE_COUNTED_EVERY", default=0 if CLEE_TESTING else 20)
SESSION_ENGINE = "clee_portal.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
# What a page says once can name people: it waits in the session, and no cookie holds it.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Signed out after so many minutes in which nothing was done (whoever acts for the state: sooner), and in any case so
# many hours after the sign-in; no longer than the browser is open, since computers are shared.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_IDLE_MINUTES_STATE = env.int("SESSION_IDLE_MINUTES_STATE", default=15)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "clee_portal.views.csrf_failure"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if CLEE_TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "clee_portal.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
# An address without an account gets no mail; the page says the same as for one that has.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Signed in for twelve hours at most, and no longer than the browser is open: computers are shared.
ACCOUNT_SESSION_REMEMBER = False
# Failures are counted by accounts.limits, so that successes of a whole office never are; mail is limited by allauth.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reauthenticate": None}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if CLEE_EMBEDDED or CLEE_TESTING else "https"
MFA_ADAPTER = "clee_portal.accounts.mfa_adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "clee_portal.accounts.forms.second_factor.CodeForm",
    "authenticate_webauthn": "clee_portal.accounts.forms.second_factor.PasskeyForm",
    "login_webauthn": "clee_portal.accounts.forms.second_factor.PasskeySignInForm",
    "activate_totp": "clee_portal.accounts.forms.second_factor.SetUpAppForm",
    "add_webauthn": "clee_portal.accounts.forms.second_factor.AddPasskeyForm",
    "edit_webauthn": "clee_portal.accounts.forms.second_factor.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": None}
# A clock that is half a minute wrong does no harm: a code is used up for good (accounts.totp).
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys on https, and on http at localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = CLEE_EMBEDDED or CLEE_TESTING
# Before an act that changes a license's standing the second step has to be at most so many minutes old.
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", default=10)
# What the state's sign-in says in an ID token where a second factor was given there; nothing of it is believed unless
# it is named here.
STRONG_SIGN_IN_ACR = env.list("STRONG_SIGN_IN_ACR", default=[])
STRONG_SIGN_IN_AMR = env.list("STRONG_SIGN_IN_AMR", default=[])
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

# MO Login, the state's sign-in (clee_portal/accounts/mo_login). Without an issuer it is not offered.
MO_LOGIN_ISSUER, MO_LOGIN_NAME, MO_LOGIN_ORIGINS, _mo_login = mo_login(env, is_real=not (CLEE_EMBEDDED or CLEE_TESTING))
SOCIALACCOUNT_ADAPTER = "clee_portal.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "clee_portal.accounts.mo_login.adapter.MoLoginProvider",
        "APPS": [_mo_login] if _mo_login else [],
    }
}
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_STORE_TOKENS = False
# How long the link of an invitation works, in days; and whether whoever follows it may make an account with a password.
INVITATION_DAYS = env.int("INVITATION_DAYS", default=14)
INVITATION_PASSWORDS = env.bool("INVITATION_PASSWORDS", default=CLEE_EMBEDDED or CLEE_TESTING or not MO_LOGIN_ISSUER)

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_I18N = True
# Catalogues of other languages than English go here; docs/standing.md says which pages are ready for them.
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = languages.found(LOCALE_PATHS[0])
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
FORMAT_MODULE_PATH = ["clee_portal.formats"]
USE_TZ = True
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))()
# Documents people send (docs/relief.md): never under a folder a web server serves, and never under the web root; in a
# bucket where one is named.
_documents = BASE_DIR / "var" / ("documents-of-tests" if CLEE_TESTING else "documents")
DOCUMENTS_ROOT = env.path("DOCUMENTS_ROOT", default=str(_documents))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "documents": storage_from_environment.documents(env, DOCUMENTS_ROOT, is_real=not (CLEE_EMBEDDED or CLEE_TESTING)),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if CLEE_TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = CLEE_TESTING or DEBUG

# Mail: a server by EMAIL_URL; beside the embedded servers it goes to a page, and nothing leaves the machine.
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
    if vars()["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        EMAIL_BACKEND = "notifications.transport.SmtpBackend"  # the same, and it knows when a mail was handed over
elif CLEE_EMBEDDED:
    EMAIL_BACKEND = "notifications.demonstration.DemonstrationBackend"
elif not CLEE_TESTING:
    raise ImproperlyConfigured("Set EMAIL_URL (for example smtp+tls://user:password@host:587) in the environment.")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="CLEE Portal <post@dps.mo.gov>")
# Seconds to wait for each answer of the mail server; a worker's claim on a message lasts longer than all of them.
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=20.0)
OUTBOX_LEASE = env.float("OUTBOX_LEASE", default=10 * EMAIL_TIMEOUT)
# The outbox (docs/operations.md): where links in mail lead, the host of Message-IDs, where answers and bounces go.
PORTAL_URL = required("PORTAL_URL", "http://localhost:8000").rstrip("/")
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default=DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> "))
MAIL_REPLY_TO = env.str("MAIL_REPLY_TO", default="post@dps.mo.gov")
MAIL_RETURN_ADDRESS = env.str("MAIL_RETURN_ADDRESS", default="")
# Who is told of a barrier (the page "Accessibility").
ACCESSIBILITY_MAIL = env.str("ACCESSIBILITY_MAIL", default="post@dps.mo.gov")
ACCESSIBILITY_PHONE = env.str("ACCESSIBILITY_PHONE", default="(573) 751-3409")
# Mails a second, over all workers together; 0: as fast as the mail server takes them.
OUTBOX_RATE = env.float("OUTBOX_RATE", default=0.0)
# Seconds after a first, second, … failure until the next try, the last of them again and again, for five days.
OUTBOX_RETRY_AFTER = env.list("OUTBOX_RETRY_AFTER", cast=float, default=[60, 300, 900, 3600, 4 * 3600])
# Seconds in which nobody knocks at a mail server that did not answer.
OUTBOX_PAUSE = env.float("OUTBOX_PAUSE", default=30.0)
# Beat says "look now" every so many seconds; a message that was just put is looked at at once.
OUTBOX_LOOK_EVERY = env.float("OUTBOX_LOOK_EVERY", default=10.0)
# The safety catch: a campaign (a wave of reminders) of more than so many times what was to be expected, or as few, is
# held until POST lets it go. Fewer messages than the minimum are never held.
CAMPAIGN_FACTOR = env.float("CAMPAIGN_FACTOR", default=2.0)
CAMPAIGN_MINIMUM = env.int("CAMPAIGN_MINIMUM", default=100)
CANDIDATES_LOOK_EVERY = env.float("CANDIDATES_LOOK_EVERY", default=3600.0)
REMINDERS_LOOK_EVERY = env.float("REMINDERS_LOOK_EVERY", default=600.0)
# The page "Mail of the demonstration" exists only where mail ends on it.
IS_DEMONSTRATION = CLEE_EMBEDDED and not EMAIL_URL

REDIS_URL = required("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = CELERY_RESULT_BACKEND = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Mail has a queue of its own, so that a worker can be kept for it, and so has sealing, which is done where the key is;
# without -Q a worker serves all.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("celery", "mail", "seal")]
CELERY_TASK_ROUTES = {
    "notifications.tasks.*": {"queue": "mail"},
    "clee_portal.history.tasks.seal_history": {"queue": "seal"},
}
# Seconds after which another worker gets the tasks of one that was killed; one that lives keeps them (`still_here`).
# Lost work is looked for every two seconds, and by another worker where one was killed while it looked.
TASKS_COME_BACK_AFTER = env.float("TASKS_COME_BACK_AFTER", default=15.0)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": TASKS_COME_BACK_AFTER,
    "unacked_mutex_expire": 10,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 3,
    "max_retries": 0,  # whoever records a class while the broker is away waits for no second try: beat finds it
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as it is away; Celery's own limit is 46 minutes
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = schedule(
    outbox=OUTBOX_LOOK_EVERY, reminders=REMINDERS_LOOK_EVERY, candidates=CANDIDATES_LOOK_EVERY
)

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# A roster of the largest agency is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000
# Of a file that is larger than any page takes the rest is kept nowhere.
FILE_UPLOAD_HANDLERS = [
    "clee_portal.uploads.NoFurther",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CONTENT_SECURITY_POLICY = browser_policy.content_security(MO_LOGIN_ORIGINS)
PERMISSIONS_POLICY = browser_policy.PERMISSIONS
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
_https = not (CLEE_EMBEDDED or CLEE_TESTING)
vars().update(browser_policy.cookies(is_https=_https))
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # How many proxies stand before the portal: the address that rate limits look at is the one the outermost saw.
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)

# History of every row of evidence, written by database triggers (clee_portal/history).
PGHISTORY_APPEND_ONLY = True
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_ADMIN_ALL_EVENTS = False

# Seals over the history (docs/history.md). The file of the key is on the sealer's host and on no other; whose seals are
# believed; where they are kept outside of the database, as file:///FOLDER, s3://BUCKET/PREFIX or mailto:ADDRESS.
SEALING_KEY = env.str("SEALING_KEY", default="")
SEALING_PUBLIC_KEYS = env.list("SEALING_PUBLIC_KEYS", default=[])
SEAL_DESTINATIONS = env.list("SEAL_DESTINATIONS", default=[])
SEAL_MAIL_EVERY_HOURS = env.float("SEAL_MAIL_EVERY_HOURS", default=24.0)
vars().update(storage_from_environment.seals(env, is_real=_https))

# Copies of everything, what is kept how long, logs, measures, reports (docs/operations.md).
vars().update(operation(env, BASE_DIR, is_embedded=CLEE_EMBEDDED, is_real=_https))
