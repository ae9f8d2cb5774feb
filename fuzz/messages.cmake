counterfoil_fuzz(json_members SOURCES json_members_fuzz.cc USES wire)
counterfoil_fuzz(fix_fields SOURCES fix_fields_fuzz.cc USES wire)
