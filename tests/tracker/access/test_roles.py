"""The roles, and what `migrate` does for them and for what is published."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection

from programmes.models import Programme
from tests import factories
from tests.people import person
from tracker.access.roles import Role, make_roles, permissions, role_of
from tracker.records.past import reading
from tracker.records.views import hiding_links, recorded, unrecorded

pytestmark = pytest.mark.django_db


def test_every_permission_of_a_role_is_there() -> None:
    stored = {
        f"{each.content_type.app_label}.{each.codename}" for each in Permission.objects.select_related("content_type")
    }
    assert {name for role in Role for name in permissions(role)} - stored == set()


def test_each_role_may_do_what_the_one_before_may() -> None:
    viewer, officer, editor, administrator = (permissions(role) for role in Role)
    assert viewer < officer < editor < administrator
    assert {name for name in officer if "_source" in name} == {"programmes.view_source"}
    assert not any(".change_historical" in name for name in administrator)


def test_roles_are_made_once_and_their_permissions_set_again() -> None:
    make_roles()
    viewers = Group.objects.get(name=Role.VIEWER)
    viewers.permissions.add(Permission.objects.get(codename="delete_programme"))
    make_roles()
    assert Group.objects.filter(name__in=Role.values).count() == 4
    assert not viewers.permissions.filter(codename="delete_programme").exists()


def test_role_of_a_user() -> None:
    assert [role_of(person(role)) for role in (None, *Role)] == [None, *Role]
    assert [person(role, name=f"{role}").is_staff for role in (None, Role.VIEWER)] == [False, True]


def test_what_hides_a_record_is_what_it_is_part_of() -> None:
    for model in recorded():
        by_links = {link.name for link in hiding_links(model)}
        of_programmes = {name for name in model.PART_OF if model._meta.get_field(name).related_model is not model}
        # An indicator names its programme beside its result, a membership is part of what is public.
        assert by_links - set(model.HIDDEN_WITH) - {"programme"} == of_programmes - {"programme", "grouping"}, model


def test_migrate_makes_the_views_anew() -> None:
    if connection.vendor != "postgresql":
        call_command("migrate", verbosity=0, stdout=StringIO())  # SQLite keeps none
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA published CASCADE")
        call_command("migrate", verbosity=0, stdout=StringIO())
        cursor.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'published'")
        names = {row[0] for row in cursor.fetchall()}
    assert names == {model._meta.db_table for model in (*recorded(), *unrecorded())}
    factories.ProgrammeFactory(publication="draft")
    with reading(public=True):
        assert Programme.objects.count() == 0
