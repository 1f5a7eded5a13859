"""The domain: programmes, their phases, money, countries, organisations, results and sources."""
