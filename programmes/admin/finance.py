"""The pages of budget lines and transactions, and the cards of budget lines on the programme's page."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeNumericFilter

from programmes.admin import texts
from programmes.admin.citing import CitingCards, CitingForm, citation_rows
from programmes.admin.filters import NeedsAttention
from programmes.admin.phases import WITHIN_PROGRAMME
from programmes.admin.reports import ReportingAdmin
from programmes.models import Budget, BudgetCountry, ExchangeRate, Transaction
from tracker.admin.filters import ChosenRecord
from tracker.admin.forms import RecordForm
from tracker.admin.records import RecordAdmin, Summary, Table

AMOUNT = ("amount", "currency", "exactness", "amount_null_reason")


class BudgetForm(RecordForm):
    """A budget line; phase and other lines are searched within its programme."""

    search_within: ClassVar = {"phase": WITHIN_PROGRAMME}


def amount_of(record: Any) -> str:
    """The amount in words, or why there is none."""
    return texts.amount(record.amount, record.currency, record.exactness, record.amount_null_reason)


def place_of(budget: Budget) -> str:
    """ "part of COPOLAD-B1", "same as …" or "replaces …"; empty for a line that stands alone."""
    if budget.part_of:
        return gettext("part of %(line)s") % {"line": budget.part_of.code}
    if budget.same_as:
        return gettext("same as %(line)s") % {"line": budget.same_as.code}
    if budget.revises:
        return gettext("replaces %(line)s") % {"line": budget.revises.code}
    return ""


class BudgetCardForm(Summary, CitingForm, BudgetForm):
    """A budget line on the programme's page."""

    def summary(self, record: Budget) -> tuple[Any, ...]:
        return record, amount_of(record), record.instrument, place_of(record)


class BudgetCards(CitingCards):
    """The budget lines of a programme."""

    model = Budget
    form = BudgetCardForm
    fields = (
        ("title", "code"),
        AMOUNT,
        ("type", "status", "phase"),
        ("instrument", "instrument_basis", "provider"),
        ("period_start", "period_end", "value_date"),
        ("part_of", "part_of_basis"),
        ("same_as", "same_as_basis"),
        ("revises", "note"),
        "cited_in",
        ("cite_source", "cite_place"),
    )
    related = ("programme", "phase__programme", "instrument", "provider", "part_of", "same_as", "revises")


class BudgetCountryRows(Table):
    """The countries on a budget line."""

    model = BudgetCountry
    fields = ("country", "percentage")
    related = ("country",)
    tab = False


@admin.register(Budget)
class BudgetAdmin(ReportingAdmin):
    """Budget lines of all programmes."""

    form = BudgetForm
    list_display = ("code", "title", "amount_in_words", "programme", "instrument", "type", "status", "place")
    list_filter = (
        NeedsAttention,
        ("programme", ChosenRecord),
        ("instrument", ChosenRecord),
        ("type", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("exactness", ChoicesDropdownFilter),
        ("amount_null_reason", ChoicesDropdownFilter),
        ("amount", RangeNumericFilter),
        ("currency", ChoicesDropdownFilter),
    )
    search_fields = ("search_key", "programme__search_key")
    related = ("programme", "phase__programme", "instrument", "provider", "part_of", "same_as", "revises")
    autocomplete_limits = ("programme",)
    fieldsets = (
        (None, {"fields": (("programme", "phase"), ("title", "code"), AMOUNT, "value_date", ("type", "status"))}),
        (
            _("From whom and when"),
            {"fields": (("instrument", "instrument_basis"), "provider", ("period_start", "period_end"))},
        ),
        (
            _("Place among the lines"),
            {"fields": (("part_of", "part_of_basis"), ("same_as", "same_as_basis"), "revises", "note")},
        ),
    )
    inlines = (BudgetCountryRows, citation_rows("budget"))

    @admin.display(description=_("amount"), ordering="amount")
    def amount_in_words(self, budget: Budget) -> SafeString:
        """The amount with its exactness, or why there is none."""
        return texts.right_aligned([amount_of(budget)])

    @admin.display(description=_("within"))
    def place(self, budget: Budget) -> str:
        """Of which line it is a part, a repetition or a revision."""
        return place_of(budget) or "–"


@admin.register(BudgetCountry)
class BudgetCountryAdmin(RecordAdmin):
    """Countries on budget lines."""

    list_display = ("budget", "country", "percentage")
    list_filter = (("country", ChosenRecord), ("budget", ChosenRecord))
    search_fields = ("budget__search_key", "country__search_key")
    related = ("budget", "country")
    fields = (("budget", "country", "percentage"),)


class TransactionForm(RecordForm):
    """A transaction; phase and budget line are searched within its programme."""

    search_within: ClassVar = {"phase": WITHIN_PROGRAMME, "budget": WITHIN_PROGRAMME}


@admin.register(Transaction)
class TransactionAdmin(RecordAdmin):
    """Transactions of all programmes."""

    form = TransactionForm
    list_display = ("code", "date", "type", "amount_in_words", "programme", "budget", "provider", "receiver", "country")
    list_filter = (
        NeedsAttention,
        ("programme", ChosenRecord),
        ("type", ChoicesDropdownFilter),
        ("instrument", ChosenRecord),
        ("country", ChosenRecord),
        ("amount", RangeNumericFilter),
    )
    search_fields = ("search_key", "programme__search_key")
    related = ("programme", "phase__programme", "budget", "provider", "receiver", "instrument", "country")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("programme", "phase", "budget"),
                    ("type", "date", "code"),
                    AMOUNT,
                    "value_date",
                    "description",
                )
            },
        ),
        (_("From whom to whom"), {"fields": (("provider", "receiver"), ("instrument", "country"))}),
    )
    inlines = (citation_rows("transaction"),)

    @admin.display(description=_("amount"), ordering="amount")
    def amount_in_words(self, transaction: Transaction) -> SafeString:
        """The amount with its exactness, or why there is none."""
        return texts.right_aligned([amount_of(transaction)])


@admin.register(ExchangeRate)
class ExchangeRateAdmin(RecordAdmin):
    """Exchange rates that the European Central Bank does not publish."""

    list_display = ("currency", "day", "per_euro", "source")
    list_filter = (("currency", ChoicesDropdownFilter),)
    search_fields = ("currency", "source")
    fields = (("currency", "day", "per_euro"), "source")
