import { script } from './scripts'

/** A topic whose entries are gone without it, or the other way round, begins another life. */
const begin = `
local function begin(log, meta, epoch)
  local held = redis.call('HMGET', meta, 'epoch', 'head', 'earliest', 'bytes')
  local head, earliest = tonumber(held[2]), tonumber(held[3])
  if held[1] and (head < earliest or redis.call('EXISTS', log) == 1) then return held[1], head, earliest, tonumber(held[4]) end
  redis.call('DEL', log, meta)
  redis.call('HSET', meta, 'epoch', epoch, 'head', 0, 'earliest', 1, 'bytes', 0)
  return epoch, 0, 1, 0
end
local function keep(log, meta, time)
  if redis.call('PTTL', meta) >= tonumber(time) then return end
  redis.call('PEXPIRE', meta, time)
  redis.call('PEXPIRE', log, time)
end
`

/**
 * KEYS log, meta, publisher. ARGV epoch, serial, memory, channel, entries, bytes, idle, overhead, then event and data in turn.
 *
 * The serial numbers of one process grow with what it publishes. What it repeats after a reply was lost is answered as before, and what
 * it had given up by then does not come after what followed. \`overhead\`: the bytes of an entry beside its event, data and number.
 */
export const publishScript = script(
  'publish',
  `${begin}
local last = redis.call('HMGET', KEYS[3], 'serial', 'epoch', 'seq')
if last[1] == ARGV[2] then return {'ok', last[2], last[3]} end
if last[1] and tonumber(last[1]) > tonumber(ARGV[2]) then return {'late'} end
local epoch, head, earliest, bytes = begin(KEYS[1], KEYS[2], ARGV[1])
local function size(seq, event, data) return tonumber(ARGV[8]) + #tostring(seq) + #event + #data end
local message = {epoch, head + 1, 0}
for at = 9, #ARGV, 2 do
  head = head + 1
  redis.call('XADD', KEYS[1], head .. '-0', ARGV[at], ARGV[at + 1])
  bytes = bytes + size(head, ARGV[at], ARGV[at + 1])
  message[#message + 1] = ARGV[at]
  message[#message + 1] = ARGV[at + 1]
end
local function above() return head - earliest + 1 > tonumber(ARGV[5]) or (bytes > tonumber(ARGV[6]) and head > earliest) end
while above() do
  local oldest = redis.call('XRANGE', KEYS[1], earliest .. '-0', '+', 'COUNT', 16)
  if #oldest == 0 then break end
  for _, entry in ipairs(oldest) do
    if not above() then break end
    bytes = bytes - size(earliest, entry[2][1], entry[2][2])
    earliest = earliest + 1
  end
end
redis.call('XTRIM', KEYS[1], 'MINID', earliest .. '-0')
redis.call('HSET', KEYS[2], 'head', head, 'earliest', earliest, 'bytes', bytes)
keep(KEYS[1], KEYS[2], ARGV[7])
redis.call('HSET', KEYS[3], 'serial', ARGV[2], 'epoch', epoch, 'seq', head)
redis.call('PEXPIRE', KEYS[3], ARGV[3])
message[3] = earliest
redis.call('PUBLISH', ARGV[4], cjson.encode(message))
return {'ok', epoch, tostring(head)}
`,
)

/** KEYS log, meta. ARGV epoch, idle. How the topic stands, begun where there is none. */
export const openTopicScript = script(
  'open-topic',
  `${begin}
local epoch, head, earliest, bytes = begin(KEYS[1], KEYS[2], ARGV[1])
keep(KEYS[1], KEYS[2], ARGV[2])
return {epoch, head, earliest, bytes}
`,
)

/** KEYS log and meta of each. ARGV how long each is kept, because it is watched. How they stand; nothing where there is none. */
export const lookAtTopicsScript = script(
  'look-at-topics',
  `
local replies = {}
for index, time in ipairs(ARGV) do
  local log, meta = KEYS[index * 2 - 1], KEYS[index * 2]
  local held = redis.call('HMGET', meta, 'epoch', 'head', 'earliest', 'bytes')
  if held[1] and (tonumber(held[2]) < tonumber(held[3]) or redis.call('EXISTS', log) == 1) then
    redis.call('PEXPIRE', log, time)
    redis.call('PEXPIRE', meta, time)
    replies[index] = held
  else
    replies[index] = {}
  end
end
return replies
`,
  ' flags=allow-oom',
)
