"""Themes: our own tree, each with the DAC purpose code that it stands nearest to."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.records.models import Coded, Named, Record
from tracker.records.search import SearchKeyField
from tracker.records.trees import refuse_cycle


class PurposeCode(Record):
    """A code of the DAC list of CRS purposes. IATI: sector/@code in vocabulary 1. Nothing local enters the list."""

    code = models.CharField(
        _("code"),
        max_length=7,
        primary_key=True,
        validators=[
            RegexValidator(r"^[0-9]{5}(?:[0-9]{2})?\Z", _("Five digits, or seven, such as 16063."), code="invalid_code")
        ],
    )
    category = models.CharField(_("category"), max_length=3, help_text=_("DAC three-digit sector."))
    name_en = models.CharField(_("name in English"), max_length=250)
    name_fr = models.CharField(_("name in French"), max_length=250, blank=True)
    active = models.BooleanField(_("active"), default=True, help_text=_("Off: withdrawn from the list."))
    search_key = SearchKeyField("code", "name_en", "name_fr")

    class Meta:
        verbose_name = _("DAC purpose code")
        verbose_name_plural = _("DAC purpose codes")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Theme(Named, Coded):  # type: ignore[misc]  # the plugin gives both bases methods of its own
    """A subject that programmes work on; themes form a tree. Our own vocabulary, mapped to DAC purpose codes."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of theme"),
    )
    purpose_code = models.ForeignKey(
        PurposeCode,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="themes",
        verbose_name=_("DAC purpose code"),
    )

    class Meta(Named.Meta, Coded.Meta):
        abstract = False
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering: ClassVar = ["code"]

    def clean(self) -> None:
        super().clean()
        refuse_cycle(self, "parent")
