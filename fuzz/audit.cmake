# The offline checker of exported audit logs, which reads files that anybody may have written.
counterfoil_fuzz(audit_log SOURCES audit_log_fuzz.cc USES authority LINK_PRIVATE nlohmann_json::nlohmann_json)
