counterfoil_fuzz(oidc_documents SOURCES oidc_documents_fuzz.cc USES outbound)
counterfoil_fuzz(id_token SOURCES id_token_fuzz.cc USES outbound)
counterfoil_fuzz(web_url SOURCES web_url_fuzz.cc USES outbound)
