# Backups and revocation logs: files that anybody may have written, and that are read to mend a node.
counterfoil_fuzz(backup_file SOURCES backup_file_fuzz.cc USES backup)
counterfoil_fuzz(revocation_log SOURCES revocation_log_fuzz.cc USES backup)
