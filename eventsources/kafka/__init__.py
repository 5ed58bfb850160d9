"""Topics of Kafka as events."""
