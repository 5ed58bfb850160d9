"""gjson, the paths into JSON."""
