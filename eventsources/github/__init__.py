"""GitHub's webhooks, the hooks themselves, and deliveries that failed."""
