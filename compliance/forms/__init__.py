"""Forms of the judgement: they clean what is typed; what may be done is the services' to say."""
