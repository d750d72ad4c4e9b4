-- wrk posts one body again and again: wrk … -s post.lua URL -- FILE HEADER=VALUE …
-- With @rate=N among the headers it posts N a second, as long as it has a connection for it.
-- The last line it prints is the result as JSON; without a request() of its own, wrk runs no Lua while it measures.

-- Milliseconds that wrk waits before a request; it has one thread, so that this is the pace of all connections.
function pace(rate)
  local ffi = require("ffi")
  ffi.cdef("typedef struct { long s; long ns; } lathe_time; int clock_gettime(int clock, lathe_time *time);")
  local time = ffi.new("lathe_time")
  local due = 0
  delay = function()
    ffi.C.clock_gettime(1, time)
    local now = tonumber(time.s) * 1000 + tonumber(time.ns) / 1e6
    -- What could not be sent for a tenth of a second is not made up for.
    if due < now - 100 then due = now end
    local wait = due - now
    due = due + 1000 / rate
    return wait > 0 and math.floor(wait) or 0
  end
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  for at = 2, #args do
    local name, value = args[at]:match("^([^=]+)=(.*)$")
    if name == "@rate" then
      pace(tonumber(value))
    else
      wrk.headers[name] = value
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local refused = errors.status
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '\n{"requests":%d,"failed":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f}\n',
    summary.requests - refused, refused + broken, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
