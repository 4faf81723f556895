"""No tables of its own: the event tables stand beside the models they follow. (Django sends `post_migrate` only to apps
with a models module, and the rights of the application's role are granted there.)"""
