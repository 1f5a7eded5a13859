"""The Django project, and the plumbing that knows no application."""
