"""Money: budget lines with their countries, and transactions."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from programmes.codelists import BudgetStatus, BudgetType, Exactness, TransactionType
from programmes.models.checks import refuse_leaving, require_same_programme
from programmes.models.organisations import Instrument, Organisation
from programmes.models.phases import Phase
from programmes.models.programmes import Programme
from programmes.models.shapes import (
    Amount,
    basis_field,
    dates_in_order,
    number_or_reason,
    percentage_field,
    percentage_in_range,
)
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.periods import Activity, activity
from tracker.records.indexes import for_orders, for_texts
from tracker.records.models import DerivedCode, Record
from tracker.records.search import SearchKeyField
from tracker.records.trees import refuse_cycle


class BudgetQuerySet(models.QuerySet["Budget"]):
    """Budget lines by what is known of them."""

    def not_stated(self) -> Self:
        """Lines whose amount is not known."""
        return self.filter(amount__isnull=True)

    def lower_bounds(self) -> Self:
        """Lines that are stated as "at least"."""
        return self.filter(exactness=Exactness.AT_LEAST, amount__isnull=False)

    def in_period(self, period: PartialDate) -> Self:
        """Lines whose own period certainly meets the year, month or day."""
        return self.filter(self.holding(period).yes)

    @staticmethod
    def holding(period: PartialDate) -> Activity:
        """Yes and no for the line's own period."""
        return activity(period.earliest, period.latest, start="period_start", end="period_end")


class Budget(Amount, DerivedCode):
    """A sourced line of money of a programme. IATI: budget with @type and @status.

    Its one rule: a line that is part of, the same as, or replaced by another is never added to that other.
    """

    PART_OF = ("programme",)
    LINKS_WHOLES = ("part_of", "same_as", "revises")

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="budgets", verbose_name=_("programme")
    )
    phase = models.ForeignKey(
        Phase, on_delete=models.RESTRICT, null=True, blank=True, related_name="budgets", verbose_name=_("phase")
    )
    title = models.CharField(_("title"), max_length=250, help_text=_("What the line is, as the source has it."))
    type = models.CharField(_("type"), max_length=1, choices=BudgetType, default=BudgetType.ORIGINAL)
    status = models.CharField(
        _("status"), max_length=1, choices=BudgetStatus, blank=True, help_text=_("Empty: not stated.")
    )
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budgets",
        verbose_name=_("financing instrument"),
    )
    instrument_basis = basis_field(_("why this instrument"))
    provider = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budgets",
        verbose_name=_("provided by"),
    )
    period_start = PartialDateField(_("period from"), null=True, blank=True)
    period_end = PartialDateField(_("period to"), null=True, blank=True)
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of"),
        help_text=_("The line that contains this money."),
    )
    part_of_basis = basis_field(_("why part of it"))
    same_as = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repeated_by",
        verbose_name=_("same as"),
        help_text=_("The line that is the same money, printed elsewhere."),
    )
    same_as_basis = basis_field(_("why the same"))
    revises = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="revised_by",
        verbose_name=_("replaces"),
        help_text=_("The earlier line of the same money, which this one replaces."),
    )
    note = models.TextField(_("note"), blank=True)
    search_key = SearchKeyField("code", "title")

    countries = models.ManyToManyField(Country, through="programmes.BudgetCountry", related_name="budgets")

    objects = BudgetQuerySet.as_manager()

    class Meta(DerivedCode.Meta):
        abstract = False
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering: ClassVar = ["programme__code", "code"]
        constraints: ClassVar = [
            *number_or_reason("amount", prefix="budget"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="budget_amount_not_negative",
                violation_error_code="amount:negative",
                violation_error_message=_("A budget is not negative."),
            ),
            dates_in_order("period_start", "period_end", name="budget_period_in_order"),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | Q(same_as__isnull=True),
                name="budget_part_or_same_not_both",
                violation_error_code="part_of:part_or_same",
                violation_error_message=_(
                    "A line that is the same as another has that line's place; it is not also part of one."
                ),
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{field}__isnull": True}) | ~Q(**{field: F("id")}),
                    name=f"budget_not_{field}_itself",
                    violation_error_code=f"{field}:cycle",
                    violation_error_message=_("A line cannot point at itself."),
                )
                for field in ("part_of", "same_as", "revises")
            ),
        ]
        indexes: ClassVar = [
            *for_orders(
                "budget",
                *Amount.COLUMNS,
                "title",
                "type",
                "status",
                "instrument_basis",
                "period_start",
                "period_end",
                "part_of_basis",
                "same_as_basis",
            ),
            *for_texts("budget", "note"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def derive_code(self) -> str:
        return self.next_code(f"{self.programme.code}-B") if self.programme_id else ""

    def clean(self) -> None:
        super().clean()
        refuse_leaving(self, "transactions")
        require_same_programme(self, "phase")
        for field in ("part_of", "same_as", "revises"):
            refuse_cycle(self, field)
        self._refuse_containing_itself()
        self._refuse_other_currency()
        self._refuse_more_than_the_whole()

    def _refuse_containing_itself(self) -> None:
        """No way to the lines that count in its stead, by whatever mix of links, leads back here."""
        links = [field for field in ("part_of", "same_as", "revises") if getattr(self, field) is not None]
        if not links:
            return
        seen: set[Any] = set()
        steps = self._counted_in()
        while steps:
            line = steps.pop()
            if line.pk in seen:
                continue
            seen.add(line.pk)
            # What this line replaces is counted in this line.
            if line.pk in (self.pk, self.revises_id):
                error = ValidationError(_("This line would then contain itself."), code="cycle")
                raise ValidationError({links[0]: error})
            steps += line._counted_in(besides=self.pk)

    def _counted_in(self, besides: Any = None) -> "list[Budget]":
        """The lines that count in this one's stead: its whole, its double, its replacement if not `besides`."""
        replacements = Budget.objects.filter(revises=self.pk).exclude(pk=besides) if self.pk is not None else ()
        return [line for line in (self.part_of, self.same_as, *replacements) if line is not None]

    def _refuse_other_currency(self) -> None:
        for field in ("part_of", "same_as", "revises"):
            other = getattr(self, field)
            if other is not None and other.currency != self.currency:
                raise ValidationError({field: _currency_error(other)})
        if self.pk is not None:
            linked = Budget.objects.filter(Q(part_of=self) | Q(same_as=self) | Q(revises=self))
            other = linked.exclude(currency=self.currency).first()
            if other is not None:
                raise ValidationError({"currency": _currency_error(other)})

    def _refuse_more_than_the_whole(self) -> None:
        amount = _exact_amount(self)
        if amount is None:
            return
        if self.part_of is not None:
            whole = _exact_amount(self.part_of)
            if whole is not None and amount > whole:
                raise ValidationError(
                    {
                        "amount": ValidationError(
                            _("A part is not more than its whole: %(whole)s has %(amount)s."),
                            code="more_than_whole",
                            params={"whole": self.part_of.code, "amount": f"{whole:,.2f}"},
                        )
                    }
                )
        if self.pk is not None:
            parts = self.parts.filter(exactness=Exactness.EXACT, amount__gt=amount)
            larger = parts.order_by("code").first()
            if larger is not None:
                raise ValidationError(
                    {
                        "amount": ValidationError(
                            _("The part %(part)s has %(amount)s, which is more than this."),
                            code="more_than_whole",
                            params={"part": larger.code, "amount": f"{larger.amount:,.2f}"},
                        )
                    }
                )


def _exact_amount(line: Budget) -> Decimal | None:
    return line.amount if line.exactness == Exactness.EXACT else None


def _currency_error(other: Budget) -> ValidationError:
    return ValidationError(
        _("%(line)s is in %(currency)s: lines of one sum of money share one currency."),
        code="other_currency",
        params={"line": other.code, "currency": other.currency},
    )


class BudgetCountry(Record):
    """A country on a budget line, with its share in percent where one is stated. Several share one undivided line."""

    NATURAL_KEY = ("budget", "country")
    PART_OF = ("budget",)

    budget = models.ForeignKey(
        Budget, on_delete=models.CASCADE, related_name="budget_countries", verbose_name=_("budget line"), db_index=False
    )
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="budget_countries", verbose_name=_("country"), db_index=False
    )
    percentage = percentage_field()

    class Meta:
        verbose_name = _("country of a budget line")
        verbose_name_plural = _("countries of budget lines")
        ordering: ClassVar = ["budget__code", "country_id"]
        indexes: ClassVar = [
            models.Index(fields=["country", "budget"], name="budget_of_country"),
            *for_orders("budget_country", "country", "percentage"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["budget", "country"],
                name="budget_country_once",
                violation_error_code="country:not_unique",
                violation_error_message=_("This country is already on the line."),
            ),
            percentage_in_range("budget_country_percentage_in_range"),
        ]

    def __str__(self) -> str:
        return str(self.country_id)


class Transaction(Amount, DerivedCode):
    """Money committed, paid out or spent. IATI: transaction, @type of the standard's list. Corrections are negative."""

    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="transactions", verbose_name=_("programme")
    )
    phase = models.ForeignKey(
        Phase, on_delete=models.RESTRICT, null=True, blank=True, related_name="transactions", verbose_name=_("phase")
    )
    budget = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions",
        verbose_name=_("budget line"),
    )
    type = models.CharField(_("type"), max_length=2, choices=TransactionType)
    date = PartialDateField(_("date"))
    description = models.CharField(_("description"), max_length=250, blank=True)
    provider = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions_provided",
        verbose_name=_("provider"),
    )
    receiver = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions_received",
        verbose_name=_("receiver"),
    )
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions",
        verbose_name=_("financing instrument"),
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        blank=True,
        related_name="transactions",
        verbose_name=_("recipient country"),
    )
    search_key = SearchKeyField("code", "description")

    class Meta(DerivedCode.Meta):
        abstract = False
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        ordering: ClassVar = ["programme__code", "date", "code"]
        constraints: ClassVar = number_or_reason("amount", prefix="transaction")
        indexes: ClassVar = for_orders("transaction", *Amount.COLUMNS, "type", "date", "description", "country")

    def __str__(self) -> str:
        return f"{self.code} {self.get_type_display()}"

    def derive_code(self) -> str:
        return self.next_code(f"{self.programme.code}-T") if self.programme_id else ""

    def clean(self) -> None:
        super().clean()
        require_same_programme(self, "phase")
        require_same_programme(self, "budget")
