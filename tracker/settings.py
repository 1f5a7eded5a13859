"""The settings. Every environment variable the project reads is declared once, in `env`."""

import datetime
import os
from pathlib import Path
from typing import Any

import environ
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from pythonjsonlogger.core import RESERVED_ATTRS

from tracker.admin.formats import CSV, JSON, XLSX

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env(
    DEBUG=(bool, False),
    SECRET_KEY=(str, environ.Env.NOTSET),  # required, except under DEBUG
    ALLOWED_HOSTS=(list, []),
    CSRF_TRUSTED_ORIGINS=(list, []),
    DATABASE_URL=(str, ""),  # SQLite in the project folder where empty
    DATABASE_POOL_SIZE=(int, 8),  # PostgreSQL connections per process; 0 for no pool
    DATABASE_POOL_WAIT=(float, 5.0),  # seconds that a request waits for one of them; then it is answered with 503
    DATABASE_REPLICA_URLS=(list, []),  # standbys of the same PostgreSQL, from which the API may read
    DATABASE_REPLICA_LAG=(float, 10.0),  # seconds that they may be behind
    DATABASE_TRANSACTION_POOLER=(bool, False),  # a pooler in front hands out one transaction at a time
    KEPT_ANSWERS_MB=(int, 64),  # memory in each process for answers that are kept until anything is written; 0: none
    API_REQUIRE_SIGN_IN=(bool, False),
    API_PASSWORDS=(bool, True),  # take HTTP Basic with a user's password, beside tokens and sessions
    API_RATE_TOKEN=(str, "6000/min"),  # requests of one token; empty: no limit
    API_RATE_USER=(str, "6000/min"),  # of one user, by whatever token or session
    API_RATE_ADDRESS=(str, "1200/min"),  # of one address, of those who have not signed in
    CACHE_URL=(str, ""),  # such as redis://…: one count for all workers; without it each process counts for itself
    REQUIRE_VERSION=(bool, True),  # PUT, PATCH and DELETE say which version of the record they have seen
    SSL_REDIRECT=(bool, True),
    BEHIND_TLS_PROXY=(bool, False),  # trust X-Forwarded-Proto: only where the proxy always sets it
    PROXIES_IN_FRONT=(int, 0),  # our own proxies that add to X-Forwarded-For; 0: the connection's own address counts
    HSTS_SECONDS=(int, 365 * 24 * 3600),
    HSTS_WHOLE_DOMAIN=(bool, True),
    CORS_ORIGINS=(list, []),  # other sites whose pages may call the API, such as https://map.example.org
    LOG_LEVEL=(str, "INFO"),
    LOG_FORMAT=(str, ""),  # json, or line for people; without it json, but line under DEBUG
    METRICS_ADDRESSES=(list, []),  # addresses or networks that may read /metrics
    METRICS_TOKEN=(str, ""),  # or who sends this as Authorization: Bearer …
    METRICS_FOLDER=(str, ""),  # an empty folder in which several workers keep their numbers; one needs none
)

# Security

DEBUG: bool = env("DEBUG")
SECRET_KEY: str = env("SECRET_KEY", default="not-a-secret: this machine only") if DEBUG else env("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env("CSRF_TRUSTED_ORIGINS")

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT: bool = not DEBUG and env("SSL_REDIRECT")
SECURE_HSTS_SECONDS: int = 0 if DEBUG else env("HSTS_SECONDS")
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env("HSTS_WHOLE_DOMAIN")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env("BEHIND_TLS_PROXY") else None

# Our pages take scripts and styles from files of this server alone.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# What pages of others cannot do without, by how their addresses begin. The admin's scripts (Alpine) compile the
# expressions of its templates, which the browser calls eval; styles are written into elements by it and by the API's
# documents, of which one searches in a worker that it makes itself.
CONTENT_SECURITY_POLICY_ALSO = {
    "/admin/": {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]},
    "/api/docs/": {"style-src": [UNSAFE_INLINE]},
    "/api/redoc/": {"style-src": [UNSAFE_INLINE], "worker-src": ["blob:"]},
}

# Pages of other sites come with a token, never with a browser's session.
CORS_ALLOWED_ORIGINS: list[str] = env("CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    *default_headers,
    "change-reason",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "Deprecation",
    "Dry-Run",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "Sunset",
    "X-Request-ID",
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses who is locked out, whatever the password
    "tracker.access.backends.OneQueryBackend",
    "programmes.access.AssignmentBackend",  # who may edit which programmes
]

PROXIES_IN_FRONT: int = env("PROXIES_IN_FRONT")

# Ten wrong passwords for a name from one address, and that address has to wait; others sign in with it as before.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "tracker.access.sign_in.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "tracker.access.authentication.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# A programme's page sends every row of its inlines at once.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
UPLOAD_MAX_BYTES = 25 * 1024 * 1024  # of a form with files
FILE_UPLOAD_HANDLERS = [
    "tracker.admin.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Applications

INSTALLED_APPS = [
    "unfold",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "simple_history",
    "tracker.operations",
    "tracker.requests",
    "axes",
    "tracker.access",  # its `migrate` comes before Django's
    "countries",
    "programmes",
]

MIDDLEWARE = [
    "tracker.operations.request_ids.RequestIdMiddleware",
    "tracker.operations.bodies.UnreadBodyMiddleware",
    "tracker.operations.probes.ProbesMiddleware",
    "tracker.operations.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tracker.operations.content_policy.ContentPolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # where a client asks for it; it makes ETags weak after they are compared
    "tracker.operations.compression.ZstdMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "tracker.records.history.WayInMiddleware",
    "tracker.access.throttles.RateHeadersMiddleware",
    "tracker.api.deprecation.DeprecationMiddleware",
    "tracker.admin.requests.NoNullCharactersMiddleware",
    "tracker.records.standbys.ReadYourWritesMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers in the place of a sign-in that is locked out
]

# The way by which a change came in, by the path of the request; it stands in the history.
WAYS_IN = {"/admin/": "admin", "/api/": "api"}

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "tracker" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database


def standby(primary: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The settings of a standby: those of the primary with its own address."""
    options = primary["OPTIONS"] | own.get("OPTIONS", {}) | {"connect_timeout": 2}
    if "pool" in options:
        options["pool"] = options["pool"] | {"min_size": 0, "timeout": 2}
    return primary | own | {"ENGINE": primary["ENGINE"], "OPTIONS": options, "TEST": {"MIRROR": "default"}}


DATABASE: dict[str, Any] = (
    env.db("DATABASE_URL")
    if env("DATABASE_URL")
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}
)

if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["CONN_MAX_AGE"] = None  # to open it takes longer than most requests; and answers are kept by connection
    DATABASE["OPTIONS"] = {
        # Readers go on while an officer saves, and a second writer waits for its turn.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
else:
    DATABASE["ENGINE"] = "tracker.records.postgresql"
    DATABASE["CONN_HEALTH_CHECKS"] = not env("DATABASE_POOL_SIZE")
    OPTIONS: dict[str, Any] = DATABASE.setdefault("OPTIONS", {})
    if not env("DATABASE_TRANSACTION_POOLER"):
        # Statements of our own are kept by the server, with a plan for all their values. (A pooler would look for them
        # in the wrong session.) To compile a plan takes longer than any of them.
        OPTIONS["prepare_threshold"] = 0
        OPTIONS["options"] = "-c plan_cache_mode=force_generic_plan -c jit=off"
    DATABASE["DISABLE_SERVER_SIDE_CURSORS"] = env("DATABASE_TRANSACTION_POOLER")
    if env("DATABASE_POOL_SIZE"):
        OPTIONS["pool"] = {
            "min_size": 1,
            "max_size": env("DATABASE_POOL_SIZE"),
            "timeout": env("DATABASE_POOL_WAIT"),
            "reconnect_timeout": 1,  # then the next request tries anew, at once
        }

DATABASES = {"default": DATABASE}

# Standbys are asked like the primary, but not waited for: it is there as well.
DATABASE_REPLICA_LAG: float = env("DATABASE_REPLICA_LAG")
STANDBYS: list[str] = []
for url in env("DATABASE_REPLICA_URLS"):
    STANDBYS.append(f"standby-{len(STANDBYS) + 1}")
    DATABASES[STANDBYS[-1]] = standby(DATABASE, env.db_url_config(url))

CACHES = {
    "default": env.cache("CACHE_URL")
    if env("CACHE_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "packages"]  # ours, and texts that packages lack
TIME_ZONE = "UTC"
USE_TZ = True

# Static files: found in the packages under DEBUG, collected and hashed elsewhere

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Logging

LOG_FORMAT: str = env("LOG_FORMAT") or ("line" if DEBUG else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "tracker.operations.request_ids.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {request_id:.8} {name} {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{levelname}{name}{message}{request_id}",
            "style": "{",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
            "json_ensure_ascii": False,
            "reserved_attrs": [*RESERVED_ATTRS, "request"],  # its text has the parameters of the address
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]},
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL")},
    # Django's own handlers would print every line a second time, or send mail that nobody asked for.
    "loggers": {"django": {"handlers": [], "propagate": True, "level": env("LOG_LEVEL")}},
}

# Metrics

METRICS_ADDRESSES: list[str] = env("METRICS_ADDRESSES")
METRICS_TOKEN: str = env("METRICS_TOKEN")
METRICS_FOLDER: str = env("METRICS_FOLDER")
if METRICS_FOLDER:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_FOLDER  # where its client looks, when it is first imported

# Admin

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

UNFOLD = {
    "SITE_TITLE": _("Programme tracker"),
    "SITE_HEADER": _("Programme tracker"),
    "SITE_SUBHEADER": _("Each euro once, every figure with its source"),
    "SITE_SYMBOL": "account_tree",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("programmes/icon.svg")}],
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda _request: static("programmes/admin.css")],
    "SCRIPTS": [lambda _request: static("programmes/admin.js")],
    "DASHBOARD_CALLBACK": "programmes.admin.start.start_page",
    "SIDEBAR": {"show_search": True, "navigation": "programmes.admin.start.sidebar"},
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .013 244)",
            "100": "oklch(95% .026 240)",
            "200": "oklch(90% .055 240)",
            "300": "oklch(82% .1 242)",
            "400": "oklch(72% .13 245)",
            "500": "oklch(60% .14 250)",
            "600": "oklch(50% .14 255)",
            "700": "oklch(44% .13 258)",
            "800": "oklch(38% .11 260)",
            "900": "oklch(32% .09 262)",
            "950": "oklch(24% .07 264)",
        }
    },
}

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_FORMATS = [CSV, XLSX, JSON]

# API

KEPT_ANSWERS_BYTES: int = env("KEPT_ANSWERS_MB") * 2**20
API_REQUIRE_SIGN_IN: bool = env("API_REQUIRE_SIGN_IN")
API_REQUIRE_VERSION: bool = env("REQUIRE_VERSION")
API_RATES: dict[str, str] = {
    "token": env("API_RATE_TOKEN"),
    "user": env("API_RATE_USER"),
    "address": env("API_RATE_ADDRESS"),
}
API_MAX_BODY_BYTES = 2 * 1024 * 1024
API_PROBLEM_TYPES = "urn:programme-tracker:problem:"  # a problem's `type` is this and its code

REST_FRAMEWORK = {
    "COERCE_DECIMAL_TO_STRING": True,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tracker.access.authentication.TokenAuthentication",
        "tracker.api.authentication.SessionAuthentication",
        *(["rest_framework.authentication.BasicAuthentication"] if env("API_PASSWORDS") else []),
    ],
    "DEFAULT_THROTTLE_CLASSES": [
        "tracker.access.throttles.TokenThrottle",
        "tracker.access.throttles.UserThrottle",
        "tracker.access.throttles.AddressThrottle",
    ],
    "DEFAULT_PAGINATION_CLASS": "tracker.api.pagination.Pagination",
    "DEFAULT_PARSER_CLASSES": ["tracker.api.parsers.JSONParser"],
    "DEFAULT_PERMISSION_CLASSES": ["tracker.api.permissions.ModelPermissionsOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": [
        "tracker.api.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "tracker.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "tracker.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# What of the API will go, and when: tracker.api.deprecation.Deprecation, explained in docs/api.md.
API_DEPRECATIONS: list[Any] = []

SPECTACULAR_SETTINGS = {
    "TITLE": "Programme tracker",
    "DESCRIPTION": (
        "One portfolio of cooperation programmes: each euro once, every figure with its source. Money and other "
        "decimals are texts; dates may be a year, a month or a day. An unknown parameter or value is refused, with "
        "the nearest right one. Errors follow RFC 9457."
    ),
    "VERSION": "1",
    "CONTACT": {"name": "Whoever runs this tracker"},
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "Where this document came from"}],
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tracker.api.shared_parameters.share_parameters",
        "tracker.api.deprecation.mark_deprecated",
        "programmes.api.examples.show_examples",
        "tracker.api.document.complete",
    ],
    "SERVE_PERMISSIONS": ["tracker.api.permissions.ReadForAnyone"],
    "COMPONENT_SPLIT_REQUEST": True,
    # Each code list under its own name, wherever it is used.
    "ENUM_NAME_OVERRIDES": {
        "MembershipStatus": "countries.models.Membership.Status",
        "MembershipEvidence": "countries.models.Membership.Evidence",
        "GroupingKind": "countries.models.Grouping.Kind",
    }
    | {
        name: f"programmes.codelists.{name}"
        for name in (
            "Accumulation",
            "ActivityStatus",
            "Basis",
            "BudgetStatus",
            "BudgetType",
            "Coverage",
            "Currency",
            "Exactness",
            "IndicatorMeasure",
            "NullReason",
            "ObjectiveType",
            "ObservationKind",
            "OrganisationLocalRole",
            "OrganisationRole",
            "OrganisationType",
            "ParticipationRole",
            "ParticipationStatus",
            "ProgrammeKind",
            "ResultType",
            "SourceType",
            "TransactionType",
        )
    },
    # From this server alone: no script, font or picture is fetched from elsewhere.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
