"""Settings: one file for development, tests and production; what differs comes from the environment.

`explorer.environment` lists every variable. Nothing has to be set to run on this machine.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from explorer.environment import BadEnvironmentError, Environment
from explorer.secret import read_or_create_secret

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def _secret(environment: Environment, *, public: bool) -> str:
    given = environment.text("SECRET_KEY")
    if not given and public:
        raise BadEnvironmentError(
            "SECRET_KEY is not set, and ALLOWED_HOSTS names more than this machine. Set SECRET_KEY to a long random "
            'text, for example from: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return given or read_or_create_secret(VAR / "secret-key")


def _database(environment: Environment) -> dict[str, Any]:
    url = environment.address("DATABASE_URL", ("sqlite", "postgres", "postgresql"))
    # No URL for the default: a folder name with # or ? in it would not survive one.
    database: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR / "explorer.sqlite3"}
    try:
        database = dict(dj_database_url.parse(url)) if url else database
    except dj_database_url.ParseError as error:
        right = "postgresql://user:password@host/name"
        raise BadEnvironmentError(f"DATABASE_URL cannot be read; it must look like {right}.") from error
    database["CONN_MAX_AGE"] = 0  # with ASGI a connection belongs to a short-lived thread, so the pool keeps them
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("postgresql"):
        options["pool"] = {"min_size": 1, "max_size": 16, "timeout": 10}
        return database
    # Writers queue instead of failing: a transaction takes the write lock at its start, and waits for it.
    options |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
    # A file, since in memory each thread would see its own; one per process, since suites run side by side.
    database["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"explorer-test-{os.getpid()}.sqlite3")}
    return database


def _channel_layer(environment: Environment) -> dict[str, Any]:
    url = environment.address("REDIS_URL", ("redis", "rediss", "unix"))
    if not url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    return {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [url]}}


try:
    _environment = Environment.current()
    DEBUG = _environment.flag("DEBUG")
    ALLOWED_HOSTS = _environment.names("ALLOWED_HOSTS")
    SECRET_KEY = _secret(_environment, public=not DEBUG and not LOOPBACK.issuperset(ALLOWED_HOSTS))
    DATABASES = {"default": _database(_environment)}
    CHANNEL_LAYERS = {"default": _channel_layer(_environment)}
    EXPLORER_HOSTS = _environment.count("EXPLORER_HOSTS")
    EXPLORER_SOCKETS_PER_ADDRESS = _environment.count("EXPLORER_SOCKETS_PER_ADDRESS")
    EXPLORER_RUNS_PER_VISITOR = _environment.count("EXPLORER_RUNS_PER_VISITOR")
    EXPLORER_RUNS_PER_HOST = _environment.count("EXPLORER_RUNS_PER_HOST")
    EXPLORER_TRIALS = _environment.count("EXPLORER_TRIALS")
    EXPLORER_PROXIES = _environment.count("EXPLORER_PROXIES", least=0)
    EXPLORER_HTTPS = _environment.flag("EXPLORER_HTTPS")
except (BadEnvironmentError, OSError) as problem:
    raise ImproperlyConfigured(str(problem)) from problem

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "explorer",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "explorer.compression.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "explorer.learning.visitors.VisitorCookie",
]

ROOT_URLCONF = "explorer.urls"
ASGI_APPLICATION = "explorer.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
FIXTURE_DIRS = [ROOT / "fixtures"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "explorer.static_files.ModuleManifestStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

SHA256_OF_NOTHING = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    # Plotly's basic bundle adds one empty style element; nothing else inline may pass.
    "style-src": [CSP.SELF, SHA256_OF_NOTHING],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
}
X_FRAME_OPTIONS = "SAMEORIGIN"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = EXPLORER_HTTPS
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if EXPLORER_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if EXPLORER_PROXIES else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "explorer": {"level": "INFO"},
        "patterns": {"level": "INFO"},
    },
}

# WhiteNoise streams a file with a synchronous iterator, which Django reports under ASGI; the files are small.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
