"""Groups of fields that several serializers share."""

LIFE = (
    "status",
    "status_as_of",
    "announced",
    "planned_start",
    "actual_start",
    "planned_end",
    "revised_end",
    "actual_end",
    "start",
    "end",
    "known_active_until",
)

AMOUNT = ("amount", "currency", "exactness", "amount_null_reason", "value_date")
