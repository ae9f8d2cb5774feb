# The parsers of the rooms keys, verify and policy that read what others wrote.
counterfoil_fuzz(profile SOURCES profile_fuzz.cc USES policy)
counterfoil_fuzz(allow_list SOURCES allow_list_fuzz.cc USES keys)
counterfoil_fuzz(claims SOURCES claims_fuzz.cc USES verify)
counterfoil_fuzz(api_key_record SOURCES api_key_record_fuzz.cc USES keys)
