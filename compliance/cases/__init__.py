"""Golden cases: facts about one officer and the standing the rules give, as policy people write them in YAML."""
