import { createHash } from 'node:crypto';

/** A Lua script that the server keeps by the SHA-1 of its text. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/*
 * A keyspace in Redis, all of it in one slot by its hash tag:
 *   <base>:version   the last version given
 *   <base>:keys      sorted set of all keys, all of score 0: what ZRANGEBYLEX walks through
 *   <base>:expiries  sorted set of the keys that expire, by the time in ms
 *   <base>/<key>     version and expiry, 8 bytes each, big endian, then the value; the server
 *                    itself expires it
 * A key that the server expired stays in the two sets until a commit or a scan takes it out;
 * whether a key is there, the server's answer for <base>/<key> alone decides.
 */

/**
 * KEYS: version, keys, expiries, then the value of each check, then of each write.
 * ARGV: the number of checks; the length of `<base>/`; for each check `absent`, `present` or a
 * version in 8 bytes; for each write its time to live, or `-` to delete, and its value.
 * Gives the version, 0 where nothing was put, or minus the 1-based place of a failed check.
 *
 * A redis.call() costs about a microsecond of the server, so nothing is looked for in a set of
 * expiries that is empty, and the counter is mostly read and written at once.
 *
 * The first write is one that Redis refuses when it is out of memory, so that a refused script
 * has changed nothing. A version is never below the time in microseconds: a server that lost its
 * last writes must not give versions again that somebody still holds.
 */
export const COMMIT = script(`
local checks = tonumber(ARGV[1])
local cut = tonumber(ARGV[2]) + 1
for i = 1, checks do
  local want = ARGV[2 + i]
  local version = redis.call('GETRANGE', KEYS[3 + i], 0, 7)
  local holds
  if want == 'absent' then holds = version == ''
  elseif want == 'present' then holds = version ~= ''
  else holds = version == want end
  if not holds then return -i end
end
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
local soonest = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
local version = 0
local at = 3 + checks
for i = 4 + checks, #KEYS do
  if ARGV[at] ~= '-' then
    version = micros
    local last = redis.call('GETSET', KEYS[1], string.format('%.0f', version))
    if last and tonumber(last) >= version then
      version = tonumber(last) + 1
      redis.call('SET', KEYS[1], string.format('%.0f', version))
    end
    break
  end
  at = at + 2
end
at = 3 + checks
for i = 4 + checks, #KEYS do
  local key = string.sub(KEYS[i], cut)
  if ARGV[at] == '-' then
    redis.call('DEL', KEYS[i])
    redis.call('ZREM', KEYS[2], key)
    if soonest then redis.call('ZREM', KEYS[3], key) end
  else
    local ttl = tonumber(ARGV[at])
    local expires = 0
    if ttl > 0 then expires = now + ttl end
    redis.call('SET', KEYS[i], struct.pack('>I8I8', version, expires) .. ARGV[at + 1])
    redis.call('ZADD', KEYS[2], 0, key)
    if ttl > 0 then
      local moment = string.format('%.0f', expires)
      redis.call('PEXPIREAT', KEYS[i], moment)
      redis.call('ZADD', KEYS[3], moment, key)
    elseif soonest then
      redis.call('ZREM', KEYS[3], key)
    end
  end
  at = at + 2
end
if soonest and tonumber(soonest) <= now then
  local base = string.sub(KEYS[2], 1, -6) .. '/'
  local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 16 + #KEYS)
  for _, key in ipairs(due) do
    if redis.call('EXISTS', base .. key) == 0 then
      redis.call('ZREM', KEYS[2], key)
      redis.call('ZREM', KEYS[3], key)
    end
  end
end
return version
`);

/**
 * KEYS: values. ARGV: the most bytes. Gives the values, or 0 where they are more than that: they
 * would all be on their way before anybody could count them.
 */
export const GET_MANY = script(`
local bytes = 0
for i = 1, #KEYS do bytes = bytes + redis.call('STRLEN', KEYS[i]) end
if bytes > tonumber(ARGV[1]) then return 0 end
local values = {}
for i = 1, #KEYS do values[i] = redis.call('GET', KEYS[i]) end
return values
`);

/**
 * KEYS: keys, expiries. ARGV: first and last of ZRANGEBYLEX; the most entries, bytes and members
 * to look at; 1 to leave values out; `<base>/`.
 * Gives `(` with the last key that was looked at, or nothing where none is left; then keys and
 * their values, with version and expiry before each, in turn.
 */
export const SCAN = script(`
local limit, most_bytes, most_rows = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local from, out, entries, bytes, rows = ARGV[1], { '' }, 0, 0, 0
while true do
  local members = redis.call('ZRANGEBYLEX', KEYS[1], from, ARGV[2], 'LIMIT', 0, 256)
  for _, key in ipairs(members) do
    local value
    if ARGV[6] == '1' then value = redis.call('GETRANGE', ARGV[7] .. key, 0, 15)
    else value = redis.call('GET', ARGV[7] .. key) or '' end
    rows = rows + 1
    if value == '' then
      redis.call('ZREM', KEYS[1], key)
      redis.call('ZREM', KEYS[2], key)
    else
      entries = entries + 1
      bytes = bytes + #key + #value
      out[2 * entries] = key
      out[2 * entries + 1] = value
    end
    if entries >= limit or bytes >= most_bytes or rows >= most_rows then
      out[1] = '(' .. key
      return out
    end
    from = '(' .. key
  end
  if #members < 256 then return out end
end
`);
