# The rows of a bulk import: a file that another system wrote.
counterfoil_fuzz(import_rows SOURCES import_rows_fuzz.cc USES doors_management)
# What browsers send: factors, passkeys, and the canonical form of what is to be confirmed.
counterfoil_fuzz(browser_body SOURCES browser_body_fuzz.cc USES doors_management)
