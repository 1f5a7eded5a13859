"""The settings of stock DRF: the tracker's, with DRF as it comes."""

from tracker.settings import *  # noqa: F403

for name in ("options", "prepare_threshold"):  # for statements of our own
    DATABASE.get("OPTIONS", {}).pop(name, None)  # noqa: F405

ROOT_URLCONF = "bench.stock"

SIMPLE_HISTORY_ENABLED = False

REST_FRAMEWORK = {
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "PAGE_SIZE": 50,
}
