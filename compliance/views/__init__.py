"""Pages of the judgement: one officer's standing, an agency's overview, and what a class changes."""
