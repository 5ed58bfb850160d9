"""The listener that all HTTP-fed sources share."""
