"""Reports: one file each, listed in the registry, the same from the API, the admin and the command line."""
