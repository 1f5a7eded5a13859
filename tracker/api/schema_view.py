"""The address of the OpenAPI document."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

# Its headers and its text, by language and media type: they are the same as long as the process lives.
_made: dict[tuple[str, str], tuple[dict[str, str], bytes]] = {}


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, made once for each of our languages and media types."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        key = get_language() or "", request.accepted_media_type
        if key in _made:
            headers, content = _made[key]
            return HttpResponse(content, headers=headers)
        response: Response = super()._get_schema_response(request)
        if key[0] in dict(settings.LANGUAGES) and key[1] in {each.media_type for each in self.renderer_classes}:
            response.add_post_render_callback(lambda done: _made.update({key: (_headers(done), done.content)}))
        return response


def _headers(response: HttpResponse) -> dict[str, str]:
    return {name: response.headers[name] for name in ("Content-Type", "Content-Disposition")}
