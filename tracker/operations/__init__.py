"""What those who run the tracker need: health, request ids, metrics, logs, backup and restore."""
