# The parsers of what proxies say about the client, which whoever reaches the listener can send.
counterfoil_fuzz(proxy_header SOURCES proxy_header_fuzz.cc USES wire)
counterfoil_fuzz(forwarded_for SOURCES forwarded_for_fuzz.cc USES wire)
