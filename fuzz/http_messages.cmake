# The parsers of HTTP/1.1, which read what anybody on the network sends.
counterfoil_fuzz(http_request_head SOURCES http_request_head_fuzz.cc USES wire)
counterfoil_fuzz(http_response_head SOURCES http_response_head_fuzz.cc USES wire)
counterfoil_fuzz(http_body SOURCES http_body_fuzz.cc USES wire)
