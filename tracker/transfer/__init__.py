"""Records as tables, out and in again: one row a record, told apart by natural keys."""
