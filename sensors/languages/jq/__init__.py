"""jq as gojq answers, bounded."""
