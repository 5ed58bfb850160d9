"""expr-lang 1.15, the language of EventSource filters."""
