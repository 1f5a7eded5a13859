"""The REST face, one file per stem."""
