"""Files that are made to do harm: they are refused in a moment, and nothing is written."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from programmes.models import Programme
from tests.programmes.admin.pages import page
from tracker.admin import formats

CSV, XLSX, JSON = "0", "1", "2"
DAMAGED = "It is not of the kind that was chosen, or it is damaged."


def refusal(browser: Any, kind: str, content: bytes, name: str = "file") -> str:
    """What the officer is told of the file."""
    file = SimpleUploadedFile(name, content)
    response = browser.post(page(Programme, "import"), {"format": kind, "import_file": file})
    assert (response.status_code, Programme.objects.count()) == (200, 0)
    return str(response.context["form"].errors["import_file"][0])


def sheet(xml: bytes) -> bytes:
    """An XLSX file whose first sheet is this."""
    plain, made = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            inner = xml if info.filename == "xl/worksheets/sheet1.xml" else source.read(info)
            target.writestr(info.filename, inner)
    return made.getvalue()


SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><worksheet " + SPACE + b"><sheetData>&l9;</sheetData></worksheet>"
)
OUTSIDE = (
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet '
    + SPACE
    + b'><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&f;</t></is></c></row></sheetData></worksheet>'
)
FAR = (
    b"<worksheet " + SPACE + b'><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c></row>'
    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        (CSV, b"code\n" + b"A\n" * (formats.MAX_ROWS + 1), "There are more than 50000 rows."),
        (CSV, b"\xff\xfe", DAMAGED),
        (CSV, b"code\n" + b"x" * 200_000, "Line 2: This is not CSV: field larger than field limit (131072)."),
        (JSON, b"[" * 100_000, "It is nested too deeply."),
        (JSON, b'{"a": ' * 100_000, "It is nested too deeply."),
        (CSV, b"code,name,code\nA,B,C\n", "The column “code” stands there twice."),
        (JSON, b'[{"code": NaN}]', "“NaN” is not JSON."),
        (XLSX, b"PK\x03\x04", DAMAGED),
        (XLSX, sheet(b" " * (formats.MAX_UNPACKED + 1)), "It unpacks to more than is read."),
        (XLSX, sheet(ENTITIES), DAMAGED),
        (XLSX, sheet(OUTSIDE), DAMAGED),
        (XLSX, sheet(FAR), "There are more than 50000 rows."),
    ],
    ids=["rows", "encoding", "cell", "lists", "mappings", "twice", "nan", "cut", "bomb", "entities", "outside", "far"],
)
@pytest.mark.django_db
def test_file_is_refused(browser: Any, kind: str, content: bytes, told: str) -> None:
    assert refusal(browser, kind, content) == f"This file cannot be read. {told}"


@pytest.mark.django_db
def test_form_that_is_too_large_is_refused_unread(browser: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    file = SimpleUploadedFile("file.csv", b"code\n" + b"A\n" * 1000)
    assert browser.post(page(Programme, "import"), {"format": CSV, "import_file": file}).status_code in (400, 413)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a\r\nSet-Cookie: b=c.csv", "x" * 300 + ".csv", 'a";b.csv'])
@pytest.mark.django_db
def test_name_of_a_file_leads_nowhere(browser: Any, name: str) -> None:
    file = SimpleUploadedFile("file.csv", b"code,name\nA,A\n")
    file._name = name
    response = browser.post(page(Programme, "import"), {"format": CSV, "import_file": file})
    assert response.status_code == 200
    assert not {"Set-Cookie: b=c"} & set(response.serialize_headers().decode().split("\r\n"))
