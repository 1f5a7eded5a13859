"""Who may come in: roles, tokens, and how often."""
