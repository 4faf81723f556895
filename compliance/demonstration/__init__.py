"""The demonstration state: invented agencies, officers and training in believable shapes, made from a seed.

`state.build` plans everything in memory, from a seed and a day alone; `writing.write` copies it into an empty database.
All names are invented (names.yaml, courses.yaml). How the state stays mid-season on any day is told in `seasons`, what
became of those who were short in `outcomes`.
"""
