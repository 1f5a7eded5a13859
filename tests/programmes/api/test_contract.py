"""Every stored field is in the API and has a filter, or stands in a named list of those that have not."""

from typing import Any

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from tests.programmes.api.resources import RESOURCES
from tracker.api.addresses import code_fields
from tracker.api.ordering import orderable
from tracker.api.selection import described

NOT_EXPOSED = {"search_key", "published_by", "withdrawn_by"}  # the history tells viewers who did it
NOT_FILTERABLE = {"Objective.text"}  # it is never empty, and `search=` looks in it
NOT_A_RESOURCE: set[str] = set()


def stored(model: Any) -> set[str]:
    """The model's columns; without the number where there is a code."""
    names = {field.name for field in model._meta.concrete_fields}
    return names - {"id"} if code_fields(model) else names


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_field_is_exposed(prefix: str) -> None:
    view = RESOURCES[prefix]
    exposed = {field.source for field in described(view.serializer_class).values()}
    assert stored(view.queryset.model) - exposed == NOT_EXPOSED & stored(view.queryset.model)


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_field_has_a_filter(prefix: str) -> None:
    view = RESOURCES[prefix]
    sources = {field.source: name for name, field in described(view.serializer_class).items()}
    filtered = {name.partition("__")[0] for name in view.filterset_class.base_filters}
    fields = stored(view.queryset.model) - NOT_EXPOSED
    model = view.queryset.model.__name__
    without = {f"{model}.{name}" for name in fields if sources.get(name, name) not in filtered}
    assert without == {each for each in NOT_FILTERABLE if each.startswith(f"{model}.")}


def test_every_model_is_a_resource() -> None:
    models = {
        model
        for label in ("countries", "programmes")
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Historical")
    }
    assert {model.__name__ for model in models - {view.queryset.model for view in RESOURCES.values()}} == NOT_A_RESOURCE


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_ordering_sorts(anyone: APIClient, db: None, prefix: str) -> None:
    words = orderable(RESOURCES[prefix].queryset.model)
    for word in words:
        assert anyone.get(f"/api/v1/{prefix}/?ordering={word},-{word}").status_code == 200


@pytest.mark.parametrize("prefix", RESOURCES)
def test_root_lists_resource(anyone: APIClient, prefix: str) -> None:
    assert anyone.get("/api/v1/").json()[prefix] == f"http://testserver/api/v1/{prefix}/"
