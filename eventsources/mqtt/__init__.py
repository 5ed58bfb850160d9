"""Topics of an MQTT broker as events."""
