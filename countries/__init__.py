"""Reference data: countries, and the groupings that they were members of and when."""
