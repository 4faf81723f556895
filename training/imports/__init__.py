"""Imports: tables that other systems and people made, turned into facts, every row accounted for.

`reading` opens a file (CSV or XLSX) as rows; `headers` finds the columns; `values`, `dates` and `names` read what
stands in a cell; one module per kind of import (`agencies`, `officers`, `classes`) checks rows and writes the good
ones; `running` goes through a file chunk by chunk and counts what became of every row; `command` is the command line's
part.
"""
