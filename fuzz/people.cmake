counterfoil_fuzz(authenticator_data SOURCES authenticator_data_fuzz.cc USES accounts base)
counterfoil_fuzz(people_record SOURCES people_record_fuzz.cc USES accounts base)
