"""Search keys: what is alike, and that both databases find the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.models import Programme
from tests.factories import AliasFactory, CountryFactory, ObjectiveFactory, ProgrammeFactory
from tracker.records.search import SearchKeyField, normalise


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Cohesión  Social\n", "cohesion social"),
        ("EL PAcCTO", "el paccto"),
        ("COPOLAD II", "copolad ii"),
        ("São Tomé e Príncipe", "sao tome e principe"),
        ("Côte d’Ivoire", "cote d’ivoire"),
        ("Ñandú ÇÜ", "nandu cu"),
        ("Straße", "strasse"),
        ("ﬁnance Ⅳ", "finance iv"),
        ("100 % _x_", "100 % _x_"),
        ("", ""),
    ],
)
def test_normalise_text_is_without_case_accents_and_spaces(text, key):
    assert normalise(text) == key


@given(st.text())
def test_normalise_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="aàáâÀÁÂcçÇeéÉiíÍoóÓuúÚüÜnñÑ "))
def test_normalise_capitals_are_alike(text):
    assert normalise(text.upper()) == normalise(text)


def test_search_key_field_deconstructed_is_made_again():
    field = SearchKeyField("code", "name")
    _name, path, args, kwargs = field.deconstruct()

    assert (path, args, kwargs) == ("tracker.records.search.SearchKeyField", ["code", "name"], {})
    assert SearchKeyField(*args, **kwargs).deconstruct() == field.deconstruct()


@pytest.mark.django_db
def test_search_key_saved_is_normalised_lines_of_what_is_there():
    country = CountryFactory(code="PA", name_en="Panama", name_es="Panamá", name_pt="Panamá")

    assert country.search_key == "pa\npanama\npanama\npanama"


@pytest.mark.django_db
def test_search_key_changed_record_follows():
    programme = ProgrammeFactory(code="X", name="Cohesión")
    programme.name = "Migración"
    programme.save()

    assert Programme.objects.get().search_key == "x\nmigracion"


@pytest.mark.django_db
def test_search_key_bulk_created_is_there():
    Programme.objects.bulk_create([ProgrammeFactory.build(code="X", name="Cohesión")])

    assert Programme.objects.get().search_key == "x\ncohesion"


@pytest.mark.django_db
def test_search_key_in_history_is_that_of_the_version():
    programme = ProgrammeFactory(code="X", name="Cohesión")

    assert programme.history.get().search_key == "x\ncohesion"


@pytest.fixture
def portfolio(db):
    paccto = ProgrammeFactory(code="EL-PACCTO", acronym="El PaCTO", name="Europa–Latinoamérica: programa de asistencia")
    AliasFactory(programme=paccto, name="PAcCTO")
    AliasFactory(programme=paccto, name="EL PAcCTO")
    ObjectiveFactory(programme=paccto, text="Contribuir a la seguridad y la justicia")
    ProgrammeFactory(code="EUROSOCIAL", acronym="EUROsociAL", name="Cohesión social en América Latina")
    ProgrammeFactory(code="ODD", acronym="100%_ODD\\", name="Odd")


@pytest.mark.usefixtures("portfolio")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("PAcCTO", ["EL-PACCTO"]),
        ("paccto", ["EL-PACCTO"]),
        ("pacto", ["EL-PACCTO"]),
        ("COHESIÓN", ["EUROSOCIAL"]),
        ("cohesion", ["EUROSOCIAL"]),
        ("Cohesio\u0301n", ["EUROSOCIAL"]),
        ("américa", ["EL-PACCTO", "EUROSOCIAL"]),
        # Every word, wherever it stands.
        ("social america", ["EUROSOCIAL"]),
        ("justicia paccto latinoamerica", ["EL-PACCTO"]),
        ("social justicia", []),
        # Nothing is a pattern.
        ("%", ["ODD"]),
        ("_", ["ODD"]),
        ("\\", ["ODD"]),
        ("100%_o", ["ODD"]),
        ("c_hesion", []),
        ("pa%o", []),
        ("'", []),
        ("", ["EL-PACCTO", "EUROSOCIAL", "ODD"]),
        ("   ", ["EL-PACCTO", "EUROSOCIAL", "ODD"]),
        ("nothing", []),
        ("cohe\0sion", ["EUROSOCIAL"]),
    ],
)
def test_programme_search_words_are_found(words, found):
    assert list(Programme.objects.search(words).values_list("code", flat=True)) == found
