"""Exports own what leaves the desk as a table: a form's submissions as CSV and as an Excel workbook.

They read in small steps. A CSV is sent while it is made, a workbook is a temporary file first; neither
memory nor the database's log grows with the number of submissions.
"""
