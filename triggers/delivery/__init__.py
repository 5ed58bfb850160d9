"""From decided firings to attempts."""
