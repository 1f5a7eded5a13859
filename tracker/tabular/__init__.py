"""Tables as files: safe CSV and XLSX out and in, JSON out, and their Table Schema. No ORM."""
