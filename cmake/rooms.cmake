# The rooms of the house and the arrows between them (docs/layout.md says what each room is for).
#
# allowed_<room> lists the rooms whose headers <room> may include; base is the bottom. gate_room() refuses a USES that is
# not listed here, and the ctest `arrows` reads every #include "room/..." below src/ against the same lists. A folder of
# an engine or a door is a room of its own, named with '_' for '/'.
set(allowed_base "")
set(allowed_crypto base)
set(allowed_keys base crypto)
set(allowed_verify base crypto keys)
set(allowed_autopsy base crypto keys verify wire)
set(allowed_policy base keys verify)
set(allowed_accounts base crypto)
set(allowed_sqlite_file base)
set(allowed_registry base keys policy accounts)
set(allowed_registry_sqlite registry sqlite_file base keys policy accounts)
# replica reads account records (a suspended account refuses all of its keys), so it needs their stored form.
set(allowed_replica base crypto keys policy accounts registry)
set(allowed_journal base keys verify autopsy)
set(allowed_journal_sqlite journal sqlite_file base)
set(allowed_wire base verify)
# outbound reads the JSON of identity providers with the reader of wire.
set(allowed_outbound base crypto wire)
set(allowed_authority base crypto keys verify autopsy policy accounts registry replica journal sentinel wire outbound scan)
# backup opens no store itself: the program hands it the engines.
set(allowed_backup base crypto keys policy accounts registry journal authority)
# A door translates and decides nothing, so it sees neither registry nor journal nor crypto. doors/net is the sockets and TLS that
# all doors share; doors/management is the management API without a socket, which the admin socket and the console both speak.
set(allowed_doors_net base wire)
set(allowed_doors_rest doors_net base keys verify policy wire authority)
set(allowed_doors_management base keys verify policy wire authority)
set(allowed_doors_calls doors_management base keys verify policy wire authority)
set(allowed_doors_console doors_net doors_calls doors_management base keys verify policy wire authority)
set(allowed_doors_admin doors_net doors_calls doors_management base keys verify policy wire authority)
set(allowed_venue base crypto wire)
set(allowed_app base crypto keys verify autopsy policy accounts registry registry_sqlite replica journal journal_sqlite
    sqlite_file sentinel wire outbound scan authority backup doors_net doors_rest doors_management doors_calls
    doors_admin doors_console venue)
