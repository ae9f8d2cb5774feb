-- Judges a request signed as the venue's clients do: HMAC-SHA-256 over query and body, less the signature pair. Whatever
-- computes the HMAC comes in as `scheme`, with scheme.record(secret) for each key at the start and
-- scheme.verify(record, payload, signature) for each request. Judges the signature alone: no time window, no permission,
-- no replay, no limits, which flatters this peer.
local SignedRequest = {}

-- Gives the text without "signature=..." and one "&" beside it, and the signature's text.
local function take_signature(text)
  local first = 1
  while true do
    local from, to = string.find(text, "signature=", first, true)
    if not from then
      return text, nil
    end
    if from == 1 or string.byte(text, from - 1) == 38 then
      local after = string.find(text, "&", to + 1, true)
      if not after then
        return string.sub(text, 1, from > 1 and from - 2 or 0), string.sub(text, to + 1)
      end
      return string.sub(text, 1, from - 1) .. string.sub(text, after + 1), string.sub(text, to + 1, after - 1)
    end
    first = to
  end
end

-- Lines of "<API key> TAB <secret>".
function SignedRequest.read_keys(path, scheme)
  local records = {}
  for line in io.lines(path) do
    local api_key, secret = string.match(line, "^([^\t]+)\t([^\t]+)$")
    records[api_key] = scheme.record(secret)
  end
  return records
end

function SignedRequest.judge(records, scheme)
  local record = records[ngx.var.http_x_mbx_apikey or ""]
  if not record then
    return ngx.exit(401)
  end
  local payload, signature = take_signature(ngx.var.args or "")
  if ngx.var.http_content_length then
    ngx.req.read_body()
    local body, in_body = take_signature(ngx.req.get_body_data() or "")
    payload, signature = payload .. body, signature or in_body
  end
  if not signature or not scheme.verify(record, payload, signature) then
    return ngx.exit(401)
  end
end

return SignedRequest
