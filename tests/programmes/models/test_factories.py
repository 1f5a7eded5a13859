"""The factories themselves: each makes a record that the database keeps."""

import inspect

import pytest
from django.apps import apps

from tests import factories

FACTORIES = [
    each
    for _name, each in inspect.getmembers(factories, inspect.isclass)
    if issubclass(each, factories.RecordFactory) and each is not factories.RecordFactory
]


def test_factories_one_for_every_model():
    kept = [
        model
        for app in ("countries", "programmes")
        for model in apps.get_app_config(app).get_models()
        if not hasattr(model, "instance_type")  # the tables of history
    ]

    assert sorted(each._meta.model.__name__ for each in FACTORIES) == sorted(model.__name__ for model in kept)


@pytest.mark.django_db
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_factory_twice_makes_two_records(factory):
    made = {factory().pk, factory().pk}

    stored = set(factory._meta.model.objects.filter(pk__in=made).values_list("pk", flat=True))
    assert stored == made
    assert len(made) == 2
