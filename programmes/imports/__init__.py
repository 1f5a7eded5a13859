"""What comes in: parsed, checked as a whole, and written in one transaction or not at all."""
