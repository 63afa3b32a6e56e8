"""A catalog of any size made of nothing but our own tables and word lists: nobody in it exists.

For demonstrations and for measuring. The same scale and day give the same catalog, value for value.
"""
