"""The rate list a provider already has: one sheet, CSV or XLSX, Hindi or English headings; in and out. Pure.

The way in: ``sheet.read_sheet`` (bytes to rows of cells), ``read.read_rate_list`` (headings recognised),
``check.check`` (what each row would do, or why not), ``outcome.to_store`` (what is stored). The way out: ``write``.
"""
