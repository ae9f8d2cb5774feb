-- HMAC as the usual Lua libraries do it: a new library context keyed for each request, the tag written as a Lua string
-- in hex and compared as a string.
local ffi = require("ffi")

ffi.cdef([[
typedef struct hmac_ctx_st HMAC_CTX;
typedef struct evp_md_st EVP_MD;
typedef struct engine_st ENGINE;
HMAC_CTX *HMAC_CTX_new(void);
void HMAC_CTX_free(HMAC_CTX *ctx);
int HMAC_Init_ex(HMAC_CTX *ctx, const void *key, int len, const EVP_MD *md, ENGINE *impl);
int HMAC_Update(HMAC_CTX *ctx, const unsigned char *data, size_t len);
int HMAC_Final(HMAC_CTX *ctx, unsigned char *md, unsigned int *len);
const EVP_MD *EVP_sha256(void);
unsigned char *ngx_hex_dump(unsigned char *dst, unsigned char *src, size_t len);
]])

local C = ffi.C
local tag = ffi.new("unsigned char[32]")
local size = ffi.new("unsigned int[1]")
local hex = ffi.new("unsigned char[64]")

local Scheme = {}

function Scheme.record(secret)
  return secret
end

function Scheme.verify(secret, payload, signature)
  local context = ffi.gc(C.HMAC_CTX_new(), C.HMAC_CTX_free)
  C.HMAC_Init_ex(context, secret, #secret, C.EVP_sha256(), nil)
  C.HMAC_Update(context, payload, #payload)
  C.HMAC_Final(context, tag, size)
  C.ngx_hex_dump(hex, tag, 32)
  return ffi.string(hex, 64) == string.lower(signature)
end

return Scheme
