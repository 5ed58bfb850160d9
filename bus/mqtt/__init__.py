"""What talks to an MQTT broker."""
