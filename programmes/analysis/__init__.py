"""Read-only calculations that span models: totals, splits, what needs attention."""
