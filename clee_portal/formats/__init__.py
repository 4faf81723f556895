"""How dates are written, by language, where it is another way than Django’s (FORMAT_MODULE_PATH)."""
