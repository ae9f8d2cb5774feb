-- The best that nginx + Lua can do: the two SHA-256 states of each key are computed once and copied for each request,
-- all through LuaJIT's FFI without allocation.
local ffi = require("ffi")

ffi.cdef([[
typedef struct { uint32_t h[8]; uint32_t Nl, Nh; uint32_t data[16]; unsigned int num, md_len; } SHA256_CTX;
int SHA256_Init(SHA256_CTX *c);
int SHA256_Update(SHA256_CTX *c, const void *data, size_t len);
int SHA256_Final(unsigned char *md, SHA256_CTX *c);
unsigned char *SHA256(const unsigned char *data, size_t len, unsigned char *md);
int CRYPTO_memcmp(const void *a, const void *b, size_t len);
]])

local C = ffi.C
local kContextBytes = ffi.sizeof("SHA256_CTX")
local work = ffi.new("SHA256_CTX")
local digest = ffi.new("unsigned char[32]")
local hex = ffi.new("char[64]")
local digits = ffi.new("char[16]", "0123456789abcdef")

local function padded_state(secret, pad)
  local block = ffi.new("unsigned char[64]")
  if #secret > 64 then
    C.SHA256(secret, #secret, block)
  else
    ffi.copy(block, secret, #secret)
  end
  for i = 0, 63 do
    block[i] = bit.bxor(block[i], pad)
  end
  local state = ffi.new("SHA256_CTX")
  C.SHA256_Init(state)
  C.SHA256_Update(state, block, 64)
  return state
end

local Scheme = {}

function Scheme.record(secret)
  return { inner = padded_state(secret, 0x36), outer = padded_state(secret, 0x5c) }
end

function Scheme.verify(record, payload, signature)
  if #signature ~= 64 then
    return false
  end
  ffi.copy(work, record.inner, kContextBytes)
  C.SHA256_Update(work, payload, #payload)
  C.SHA256_Final(digest, work)
  ffi.copy(work, record.outer, kContextBytes)
  C.SHA256_Update(work, digest, 32)
  C.SHA256_Final(digest, work)
  for i = 0, 31 do
    local byte = digest[i]
    hex[2 * i] = digits[bit.rshift(byte, 4)]
    hex[2 * i + 1] = digits[bit.band(byte, 15)]
  end
  return C.CRYPTO_memcmp(hex, string.lower(signature), 64) == 0
end

return Scheme
