"""The addresses: admin, API, its documents, and the choice of language."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from tracker.api.schema_view import SchemaView
from tracker.api.views import unknown_address

handler500 = "tracker.api.failures.failed"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("programmes.api.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="swagger"),
    path("api/redoc/", SpectacularRedocView.as_view(url_name="schema", template_name="redoc.html"), name="redoc"),
    re_path(r"^api/", unknown_address),
    path("i18n/", include("django.conf.urls.i18n")),
]
