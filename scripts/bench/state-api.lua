-- For wrk: calls of Dapr's state API on one store, over a set of keys large enough that
-- connections seldom meet on one.
-- wrk ... -s state-api.lua URL -- <get|set|transact> <store>

local KEYS = 1000
local VALUE = '"' .. string.rep("v", 198) .. '"'
local requests, position = {}, 0

local function upsert(key)
  return '{"operation":"upsert","request":{"key":"' .. key .. '","value":' .. VALUE .. "}}"
end

local make = {
  get = function(store, i)
    return wrk.format("GET", "/v1.0/state/" .. store .. "/key-" .. i)
  end,
  set = function(store, i)
    return wrk.format("POST", "/v1.0/state/" .. store, nil, '[{"key":"key-' .. i .. '","value":' .. VALUE .. "}]")
  end,
  -- Two writes and a delete.
  transact = function(store, i)
    local third = '{"operation":"delete","request":{"key":"c-' .. i .. '"}}'
    local body = '{"operations":[' .. upsert("a-" .. i) .. "," .. upsert("b-" .. i) .. "," .. third .. "]}"
    return wrk.format("POST", "/v1.0/state/" .. store .. "/transaction", nil, body)
  end,
}

function init(args)
  wrk.headers["Content-Type"] = "application/json"
  for i = 1, KEYS do
    requests[i] = make[args[1]](args[2], i)
  end
end

function request()
  position = position % KEYS + 1
  return requests[position]
end

-- One line for whoever started wrk. Durations are microseconds.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"calls":%d,"duration":%d,"p50":%d,"p99":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
