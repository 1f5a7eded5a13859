"""Themes and DAC purpose codes."""

import pytest

from tests.factories import PurposeCodeFactory, ThemeFactory
from tests.programmes.models.errors import errors_of


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "errors"),
    [
        ("16063", {}),
        ("1606301", {}),
        ("1606", {"code": ["invalid_code"]}),
        ("160630", {"code": ["invalid_code"]}),
        ("16063\n", {"code": ["invalid_code"]}),
        ("DRUGS", {"code": ["invalid_code"]}),
    ],
)
def test_purpose_code_five_or_seven_digits(code, errors):
    assert errors_of(PurposeCodeFactory.build(code=code, category="160")) == errors


@pytest.mark.django_db
def test_theme_named_and_mapped():
    theme = ThemeFactory(name_en="Drug control", purpose_code=PurposeCodeFactory(code="16063", name_en="Narcotics"))

    assert (str(theme), str(theme.purpose_code)) == ("Drug control", "16063 Narcotics")
