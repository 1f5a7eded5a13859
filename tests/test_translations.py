"""The Spanish catalogues: complete, for our own texts and for those of the packages, and compiled."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import simple_history
import unfold
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
# A text as Django's `templatize` leaves it of a template: _("…") or gettext("…"), and both forms of a plural.
TEXT = r"""(u?"(?:\\.|[^"\\])*"|u?'(?:\\.|[^'\\])*')"""
IN_TEMPLATE = re.compile(rf"\b(?:n?gettext|_)\(\s*{TEXT}(?:\s*,\s*{TEXT})?")

CATALOGUES = sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/django.po"))
OUR_FOLDERS = ("countries", "programmes", "tracker")
# Parts of unfold that serve packages which are not installed.
NOT_INSTALLED = ("contrib/constance", "contrib/guardian", "contrib/location_field", "templates/unfold_crispy")


def texts_in_python(path: Path) -> Iterator[str]:
    """The texts that a module marks for translation; of a plural its singular."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in SINGULAR | PLURAL and isinstance(node.args[0].value, str):
                yield node.args[0].value


def texts_in_template(path: Path) -> Iterator[str]:
    """The texts that a template marks for translation; of a plural its singular."""
    for match in IN_TEMPLATE.finditer(templatize(path.read_text())):
        yield ast.literal_eval(match[1].removeprefix("u"))


def texts_below(folder: Path, *, without: tuple[str, ...] = ()) -> set[str]:
    """All texts of the modules and templates below a folder."""
    texts = set()
    for path in folder.rglob("*"):
        if any(path.is_relative_to(folder / part) for part in without):
            continue
        if path.suffix == ".py":
            texts.update(texts_in_python(path))
        elif path.suffix == ".html":
            texts.update(texts_in_template(path))
    return texts


def messages(path: Path) -> dict[str, tuple[str, ...]]:
    """The translations of a catalogue by text; of a plural both forms by its singular. None for the header."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalogue
        if message.id and not message.fuzzy
    }


def test_there_is_a_catalogue_of_ours_and_one_of_the_packages():
    names = [str(path.relative_to(settings.BASE_DIR)) for path in CATALOGUES]
    assert names == ["locale/es/LC_MESSAGES/django.po", "locale/packages/es/LC_MESSAGES/django.po"]


def test_every_text_of_ours_is_in_the_catalogue():
    """Where one is missing: `make messages`, then translate what is new."""
    ours = set().union(*(texts_below(settings.BASE_DIR / folder) for folder in OUR_FOLDERS))
    assert sorted(ours - messages(CATALOGUES[0]).keys()) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-4])
def test_every_text_in_the_catalogue_is_translated(path):
    assert [text for text, forms in messages(path).items() if not all(forms)] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-4])
def test_translations_fill_the_places_of_their_texts(path):
    place = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\}")
    with path.open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if isinstance(message.id, str):
            assert sorted(place.findall(message.string)) == sorted(place.findall(message.id))
        else:  # of a plural, the last form is that of the number; "one" may be said in words
            assert sorted(place.findall(message.string[-1])) == sorted(place.findall(message.id[-1]))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-4])
def test_compiled_catalogue_says_what_the_text_says(path):
    """`make run` and `make test` compile the catalogues where they are older than their texts."""
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, forms in messages(path).items():
        if len(forms) == 1:
            assert compiled.gettext(text) == forms[0]
        else:
            assert (compiled.ngettext(text, text, 1), compiled.ngettext(text, text, 2)) == forms


@pytest.mark.parametrize("package", [unfold, simple_history], ids=lambda package: package.__name__)
def test_texts_of_the_packages_have_spanish(package):
    folder = Path(package.__file__).parent
    ours = messages(CATALOGUES[1])
    with translation.override("es"):
        missing = [
            text
            for text in texts_below(folder, without=(*NOT_INSTALLED, "management", "tests", "registry_tests"))
            if text.strip() and text not in ours and translation.gettext(text) == text
        ]
    assert sorted(missing) == []
