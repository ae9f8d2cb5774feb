# Accounts and what the calls of sub-accounts read.
counterfoil_fuzz(account_record SOURCES account_record_fuzz.cc USES accounts)
counterfoil_fuzz(call_parameters SOURCES call_parameters_fuzz.cc USES authority wire)
