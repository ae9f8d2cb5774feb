# The commands that talk to a running node, and the client they share.
set(remote_sources
  remote/accounts_commands.cc remote/admin_client.cc remote/audit_commands.cc remote/clock_commands.cc remote/enroll_command.cc remote/enrolment_answer.cc remote/enrolment_desk.cc remote/enrolment_url.cc remote/finding_view.cc remote/import_report.cc remote/key_flags.cc remote/key_lookup.cc remote/key_view.cc
  remote/keys_changing.cc remote/keys_commands.cc remote/keys_enrolling.cc remote/keys_fix.cc remote/keys_import_file.cc remote/keys_making.cc remote/keys_reading.cc remote/mass_change.cc remote/mass_commands.cc remote/new_pair.cc remote/next_request.cc
  remote/node_api.cc remote/people_commands.cc remote/receipt_commands.cc remote/refusals_commands.cc remote/reload_command.cc remote/remedy.cc remote/secrets_commands.cc remote/table.cc remote/wording.cc)
set(remote_tests remote/enrolment_test.cc remote/remedy_test.cc)
