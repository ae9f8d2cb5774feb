# The parsers of the room crypto that read what others wrote.
counterfoil_fuzz(public_key_import SOURCES public_key_import_fuzz.cc USES crypto)
counterfoil_fuzz(private_key_pem SOURCES private_key_pem_fuzz.cc USES crypto)
counterfoil_fuzz(sealed_value SOURCES sealed_value_fuzz.cc USES crypto)
