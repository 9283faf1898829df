-- POST requests that are all new: each has a StreamingNo, an order and a user of its own. wrk -s wrk_stub.lua URL -- FILE SOAPACTION
local count, head, body = 0, {}, ""

function init(args)
  local file = assert(io.open(args[1], "rb"))
  body = file:read("*a")
  file:close()
  head["Content-Type"] = "text/xml; charset=utf-8"
  head["SOAPAction"] = '"' .. args[2] .. '"'
end

function request()
  count = count + 1
  -- never 9001 and on: the last four digits at which a stub is slow or drops the line
  local user = string.format("%04d%04d", math.floor(count / 9000) % 6, count % 9000)
  local made = body:gsub("@NUMBER@", string.format("%012d", count)):gsub("@USER@", user)
  return wrk.format("POST", nil, head, made)
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
