# The offline checker of receipts, which reads files that anybody may have written.
counterfoil_fuzz(receipt SOURCES receipt_fuzz.cc USES authority LINK_PRIVATE nlohmann_json::nlohmann_json)
