"""The WSGI entry: what `make run` serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

application = get_wsgi_application()

# What stays as long as the process need not be looked through for what nobody needs any more, again and again.
get_resolver().url_patterns  # noqa: B018 - loads all that answers
gc.collect()
gc.freeze()
