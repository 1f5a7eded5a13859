"""Django's backend for PostgreSQL, with connections of the pool that are looked at without a message."""
