# The rows of a bulk import: a file that another system wrote.
counterfoil_fuzz(import_rows SOURCES import_rows_fuzz.cc USES doors_management)
