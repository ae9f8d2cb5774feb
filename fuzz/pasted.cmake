counterfoil_fuzz(pasted SOURCES pasted_fuzz.cc USES wire)
