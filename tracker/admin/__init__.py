"""The admin's foundation, which knows no application: records, rows within them, widgets, import and export."""
