"""The two embedded servers together, shared by every command of one checkout that runs at the same time.

Whoever uses them holds a shared lock; the last one to let go stops them. DATABASE_URL and REDIS_URL replace them.
"""

import os

from .broker import Broker
from .environment import inherited
from .messages import Progress, Stop
from .places import Home
from .postgres import APPLICATION, OWNER, Postgres

SETTINGS_OF_THE_PERSON = {
    "ALLOWED_HOSTS",
    "BACKUP_FOLDER",
    "BACKUP_IDENTITY_FILE",
    "BACKUP_KEEP_DAILY",
    "BACKUP_KEEP_MONTHLY",
    "BACKUP_KEEP_WEEKLY",
    "BACKUP_RECIPIENTS",
    "BEHIND_PROXY",
    "CLEE_EMBEDDED",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "CLOCK_OFFSET_FILE",
    "CAMPAIGN_FACTOR",
    "CAMPAIGN_MINIMUM",
    "CANDIDATES_LOOK_EVERY",
    "DEFAULT_FROM_EMAIL",
    "DOCUMENTS_BUCKET",
    "EMAIL_TIMEOUT",
    "EMAIL_URL",
    "FIELD_ENCRYPTION_KEYS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MAIL_DOMAIN",
    "MAIL_REPLY_TO",
    "MAIL_RETURN_ADDRESS",
    "METRICS_TOKEN",
    "MO_LOGIN_CLIENT_ID",
    "MO_LOGIN_CLIENT_SECRET",
    "MO_LOGIN_ISSUER",
    "MO_LOGIN_NAME",
    "MO_LOGIN_ORIGINS",
    "MO_LOGIN_TOKEN_AUTH_METHOD",
    "OUTBOX_LEASE",
    "OUTBOX_LOOK_EVERY",
    "OUTBOX_PAUSE",
    "OUTBOX_RATE",
    "OUTBOX_RETRY_AFTER",
    "PORTAL_URL",
    "REMINDERS_LOOK_EVERY",
    "REPLICA_URL",
    "REPLICA_WAIT",
    "S3_ACCESS_KEY_ID",
    "S3_ADDRESSING",
    "S3_CA_BUNDLE",
    "S3_ENCRYPTION",
    "S3_ENDPOINT_URL",
    "S3_KMS_KEY",
    "S3_REGION",
    "S3_SECRET_ACCESS_KEY",
    "SEALING_KEY",
    "SEALING_PUBLIC_KEYS",
    "SEALS_S3_ACCESS_KEY_ID",
    "SEALS_S3_ADDRESSING",
    "SEALS_S3_CACHE",
    "SEALS_S3_CA_BUNDLE",
    "SEALS_S3_ENDPOINT_URL",
    "SEALS_S3_LOCK",
    "SEALS_S3_LOCK_DAYS",
    "SEALS_S3_REGION",
    "SEALS_S3_SECRET_ACCESS_KEY",
    "SEAL_DESTINATIONS",
    "SEAL_MAIL_EVERY_HOURS",
    "SECRET_KEY",
    "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
    "SENTRY_DSN",
    "SESSION_HOURS",
    "SESSION_IDLE_MINUTES",
    "SESSION_IDLE_MINUTES_STATE",
    "SIGNING_KEYS",
    "STATIC_ROOT",
    "STEP_UP_MINUTES",
    "STRONG_SIGN_IN_ACR",
    "STRONG_SIGN_IN_AMR",
}


class Servers:
    """What a command needs to reach its database and broker."""

    def __init__(self, home: Home, *, database_url: str | None = None, broker_url: str | None = None, for_tests=False):
        self.home = home
        self.for_tests = for_tests
        self.database_url = database_url
        self.broker_url = broker_url
        self.postgres = None if database_url else Postgres(home, for_tests=for_tests)
        self.broker = None if broker_url else Broker(home)
        self.started = False

    @classmethod
    def of_the_portal(cls) -> "Servers":
        """Those of bin/run and bin/manage: embedded, or where DATABASE_URL and REDIS_URL say."""
        named = {"database_url": os.environ.get("DATABASE_URL"), "broker_url": os.environ.get("REDIS_URL")}
        return cls(Home().make(), **named)

    @classmethod
    def of_the_tests(cls, home: Home) -> "Servers":
        """Those of bin/test: its own, or where TEST_DATABASE_URL and TEST_REDIS_URL say; never those of the portal."""
        named = {"database_url": os.environ.get("TEST_DATABASE_URL"), "broker_url": os.environ.get("TEST_REDIS_URL")}
        return cls(home.make(), for_tests=True, **named)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is our own; demonstration data goes into no other."""
        return self.postgres is not None

    def join(self, progress: Progress) -> None:
        """Uses the servers, starting what does not run yet."""
        if not self.postgres and not self.broker:
            return
        with self.home.start_lock:
            alone = self.home.use_lock.take(wait=False)
            if not alone:
                self.home.use_lock.take(shared=True)
            try:
                self._start(progress, alone)
            except BaseException:
                self._stop_if_last()
                raise
            self.home.use_lock.take(shared=True)

    def _start(self, progress: Progress, alone: bool) -> None:
        noted = self.home.state()
        for name, server in (("postgres", self.postgres), ("broker", self.broker)):
            if server is None:
                continue
            if not alone and "pid" in noted.get(name, {}):
                if not server.adopt(noted[name]):
                    raise Stop(
                        "The embedded servers of the command that is running do not answer. Stop it, and start again."
                    )
                continue
            server.start()
            self.started = True
            if name == "postgres":
                progress.step(f"PostgreSQL {server.version} answers on port {server.port}")
            else:
                progress.step(f"Redis-compatible server answers on port {server.port}")

    def leave(self) -> bool:
        """Stops using the servers, and stops them where nobody else does; False when another command keeps them."""
        if not self.postgres and not self.broker:
            return True
        with self.home.start_lock:
            return self._stop_if_last()

    def _stop_if_last(self) -> bool:
        self.home.use_lock.release()
        if not self.home.use_lock.take(wait=False):
            return False
        try:
            self.stop_all()
        finally:
            self.home.use_lock.release()
        return True

    def stop_all(self) -> None:
        """Stops both servers, whichever command started them. To be called by who holds the locks alone."""
        (self.broker or Broker(self.home)).stop_left_over()
        (self.postgres or Postgres(self.home, for_tests=self.for_tests)).stop_left_over()

    def must_be_running(self) -> None:
        """Raises Stop once one of the embedded servers has ended by itself."""
        for name, server in (("PostgreSQL", self.postgres), ("The Redis-compatible server", self.broker)):
            if server is not None and not server.is_running():
                raise Stop(f"{name} ended by itself. See the logs in {self.home.logs}.")

    def environment(self, *, as_owner: bool = False) -> dict:
        """The environment for a process of the portal. Only who works as the owner learns the owner's password."""
        env = inherited() | {"DJANGO_SETTINGS_MODULE": "clee_portal.settings", "PYTHONUNBUFFERED": "1"}
        for name in ("CLEE_AS_OWNER", "CLEE_EMBEDDED", "CLEE_TESTING"):
            env.pop(name, None)
        if self.postgres:
            env = {name: value for name, value in env.items() if not name.startswith("PG")}
            env.pop("DATABASE_OWNER_URL", None)
            env["DATABASE_URL"] = self.postgres.url(APPLICATION)
            env["CLEE_EMBEDDED"] = "1"
            env.setdefault("SECRET_KEY", self.home.secrets()["secret_key"])
            env.setdefault(
                "FIELD_ENCRYPTION_KEYS", self.home.secrets()["field_key"] + "="
            )  # padded, as Fernet takes it
            env.setdefault("SIGNING_KEYS", self.home.secrets()["signing_key"] + "=")
            env.setdefault("SEALING_KEY", str(self.home.sealing_key))
            env.setdefault("SEAL_DESTINATIONS", self.home.seals.as_uri())
            if as_owner:
                env["DATABASE_OWNER_URL"] = self.postgres.url(OWNER)
        else:
            env["DATABASE_URL"] = self.database_url
            if as_owner:
                env.setdefault("DATABASE_OWNER_URL", self.database_url)
        if as_owner:
            env["CLEE_AS_OWNER"] = "1"
        env["REDIS_URL"] = self.broker.url if self.broker else self.broker_url
        return env

    def test_environment(self) -> dict:
        """The environment for the tests: the owner's role throughout, and nothing of the person's own settings."""
        env = {name: value for name, value in self.environment().items() if name not in SETTINGS_OF_THE_PERSON}
        url = self.postgres.url(OWNER) if self.postgres else self.database_url
        return env | {"CLEE_TESTING": "1", "DATABASE_URL": url, "DATABASE_OWNER_URL": url}
