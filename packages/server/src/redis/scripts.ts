// Long, because the steps that must be atomic have to agree about the same keys, and are read side by side.
import type { Script } from './commands'

/** Time by the clock of Redis alone: the clocks of the processes may differ and jump. */
const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * Whether Redis has lost what it knew within the last moments (a restart without persistence, FLUSHALL). Whoever misses the
 * mark first sets it and tells every process, which then writes again what it still holds.
 */
const memory = `
local function forgetful(mark, grace, control)
  local since = redis.call('GET', mark)
  if not since then
    since = now
    redis.call('SET', mark, string.format('%.0f', now))
    redis.call('PUBLISH', control, '{"type":"forgotten"}')
  end
  return now - tonumber(since) < grace
end
`

export const script = (name: string, source: string, flags = ''): Script => ({
  name,
  source: `#!lua${flags}\n${source.trim()}\n`,
})

/**
 * KEYS mark, server. ARGV control, mark as last seen. Says what the mark is. Where there is none and no process has ever been here, Redis
 * is new and has forgotten nothing. Where the data was last used by another server, this one was restarted from its disk or was its
 * replica, and may lack the last of it. Who may not ask for its name is told nothing of that.
 */
export const markScript = script(
  'mark',
  `${clock}
local since = redis.call('GET', KEYS[1])
local known = redis.call('GET', KEYS[2])
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or known
if not since or (known and known ~= server) then
  local met = since or ARGV[2] ~= '' or redis.call('PUBSUB', 'NUMSUB', ARGV[1])[2] > 0
  since = met and string.format('%.0f', now) or '0'
  redis.call('SET', KEYS[1], since)
  if met then redis.call('PUBLISH', ARGV[1], '{"type":"forgotten"}') end
end
if server and server ~= known then redis.call('SET', KEYS[2], server) end
return {since}
`,
  ' flags=allow-oom',
)

/**
 * KEYS meta, leases, live, mark[, key]. ARGV id, lease, grace, control, fingerprint, patience, then the fields of the new stream.
 * Repeated after a lost reply it finds its own id, and is `created` again.
 */
export const claimScript = script(
  'claim',
  `${clock}${memory}
if KEYS[5] then
  local known = redis.call('HMGET', KEYS[5], 'id', 'fingerprint', 'begun', 'at')
  if known[1] and known[1] ~= ARGV[1] then
    local fingerprint = known[2]
    if ARGV[5] ~= '' then
      if not fingerprint then
        fingerprint = ARGV[5]
        redis.call('HSET', KEYS[5], 'fingerprint', fingerprint)
      end
      if fingerprint ~= ARGV[5] then return {'mismatch'} end
    end
    -- Whoever claimed it may not know yet that it has it, and give it up.
    if not known[3] and now - tonumber(known[4] or 0) < tonumber(ARGV[6]) then return {'wait'} end
    redis.call('HSET', KEYS[5], 'found', 1)
    return {'existing', known[1]}
  end
  if not known[1] then
    -- Its stream may be about to be written again by its owner: to begin another one would bill it twice.
    if forgetful(KEYS[4], tonumber(ARGV[3]), ARGV[4]) then return {'wait'} end
    redis.call('HSET', KEYS[5], 'id', ARGV[1], 'at', string.format('%.0f', now))
    if ARGV[5] ~= '' then redis.call('HSET', KEYS[5], 'fingerprint', ARGV[5]) end
  end
end
local created = redis.call('HGET', KEYS[1], 'created')
if not created then
  created = string.format('%.0f', now)
  redis.call('HSET', KEYS[1], 'term', 1, 'head', 0, 'earliest', 1, 'size', 0, 'created', created, unpack(ARGV, 7))
  redis.call('ZADD', KEYS[2], now + tonumber(ARGV[2]), ARGV[1])
  redis.call('ZADD', KEYS[3], created, ARGV[1])
end
return {'created', created}
`,
)

/**
 * KEYS log, meta, leases, live[, key]. ARGV id, epoch, term, from, channel, size, end, retention, then event and data in turn.
 * The explicit ids make it harmless to repeat: what is there already is skipped.
 */
const append = `
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'term', 'head', 'earliest', 'end')
if not meta[1] then return {'gap'} end
if meta[1] ~= ARGV[2] or meta[2] ~= ARGV[3] then return {'fenced'} end
local head = tonumber(meta[3])
local from = tonumber(ARGV[4])
local last = from + (#ARGV - 8) / 2 - 1
if meta[5] then return {last == head and ARGV[7] ~= '' and 'ok' or 'fenced'} end
if from > head + 1 or (head >= tonumber(meta[4]) and redis.call('EXISTS', KEYS[1]) == 0) then return {'gap'} end
if last > head then
  local message = {ARGV[2], head + 1}
  for seq = head + 1, last do
    local at = 9 + (seq - from) * 2
    redis.call('XADD', KEYS[1], seq .. '-0', ARGV[at], ARGV[at + 1])
    message[#message + 1] = ARGV[at]
    message[#message + 1] = ARGV[at + 1]
  end
  redis.call('HSET', KEYS[2], 'head', last, 'size', ARGV[6])
  redis.call('PUBLISH', ARGV[5], cjson.encode(message))
end
if ARGV[7] ~= '' then
  redis.call('HSET', KEYS[2], 'end', ARGV[7])
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[8])
  redis.call('PEXPIRE', KEYS[2], ARGV[8])
  if KEYS[5] then redis.call('PEXPIRE', KEYS[5], ARGV[8]) end
end
return {'ok'}
`
export const appendScript = script('append', append)
/** The last words of a stream are written whatever the memory says: without its end it would never be over. */
export const sealScript = script('seal', append, ' flags=allow-oom')

/**
 * KEYS log, meta, leases, live[, key]. ARGV id, epoch, term, after, top, lease, created, snapshot seq, snapshot, then the fields of the
 * stream. Says after which entry its owner goes on, who holds the entries after \`after\` up to \`top\`; \`over\` where nothing is
 * missing of one that has ended.
 */
export const restoreScript = script(
  'restore',
  `${clock}
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'term', 'head', 'earliest', 'end')
if meta[1] == ARGV[2] and meta[5] and (tonumber(meta[3]) < tonumber(meta[4]) or redis.call('EXISTS', KEYS[1]) == 1) then
  return {'over', meta[3], meta[4]}
end
if meta[1] and meta[1] ~= ARGV[2] then
  if tonumber(meta[2]) >= tonumber(ARGV[3]) then return {'fenced'} end
  -- An earlier owner, who knew of no other, has written it again. What it wrote is of its own life.
  redis.call('DEL', KEYS[1])
end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local head = newest and tonumber(string.match(newest[1], '^%d+'))
local earliest
if head and head >= tonumber(ARGV[4]) and head <= tonumber(ARGV[5]) then
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  earliest = tonumber(string.match(oldest[1], '^%d+'))
else
  redis.call('DEL', KEYS[1])
  head = tonumber(ARGV[4])
  earliest = head + 1
end
redis.call('HSET', KEYS[2], 'term', ARGV[3], 'head', head, 'earliest', earliest, 'created', ARGV[7], unpack(ARGV, 10))
redis.call('HDEL', KEYS[2], 'end')
redis.call('PERSIST', KEYS[2])
if ARGV[8] ~= '' then redis.call('HSET', KEYS[2], 'snapshot_seq', ARGV[8], 'snapshot', ARGV[9]) end
if KEYS[5] then
  redis.call('HSET', KEYS[5], 'id', ARGV[1], 'begun', 1)
  local fingerprint = redis.call('HGET', KEYS[2], 'fingerprint')
  if fingerprint then redis.call('HSETNX', KEYS[5], 'fingerprint', fingerprint) end
end
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[6]), ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[7], ARGV[1])
return {'ok', head, earliest}
`,
  ' flags=allow-oom',
)

/** KEYS log, meta. ARGV epoch, term, earliest, seq, state: what is dropped lives on in the state. */
export const trimScript = script(
  'trim',
  `
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'term', 'head')
if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] or tonumber(meta[3]) < tonumber(ARGV[4]) then return {'late'} end
redis.call('HSET', KEYS[2], 'earliest', ARGV[3], 'snapshot_seq', ARGV[4], 'snapshot', ARGV[5])
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3] .. '-0')
return {'ok'}
`,
  ' flags=allow-oom',
)

/**
 * KEYS leases, mark, then meta, log and key (or meta) of each stream. ARGV lease, grace, control, then id, epoch, term and head of each.
 * Answers for each: how it stands, how it shall end if somebody asked for that, and how long ago it was read elsewhere.
 */
export const renewScript = script(
  'renew',
  `${clock}${memory}
forgetful(KEYS[2], 0, ARGV[3])
local replies = {}
for index = 0, (#ARGV - 3) / 4 - 1 do
  local meta, log, key = KEYS[3 + index * 3], KEYS[4 + index * 3], KEYS[5 + index * 3]
  local id, epoch, term, head = unpack(ARGV, 4 + index * 4, 7 + index * 4)
  local held = redis.call('HMGET', meta, 'epoch', 'term', 'head', 'earliest', 'end', 'stop', 'read')
  local state = 'ok'
  if held[1] and (held[1] ~= epoch or held[2] ~= term) then
    state = 'fenced'
  elseif not held[1] or redis.call('EXISTS', key) == 0 or tonumber(held[3]) < tonumber(head)
    or (tonumber(held[3]) >= tonumber(held[4]) and redis.call('EXISTS', log) == 0) then
    state = 'gap'
  end
  -- Also of one that is to be written again: others see by its lease that it lives.
  if state ~= 'fenced' and not held[5] then redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]), id) end
  replies[#replies + 1] = {state, held[6] or '', held[7] and string.format('%.0f', now - held[7]) or ''}
end
return replies
`,
  ' flags=allow-oom',
)

/**
 * KEYS leases, mark, then meta of each stream. ARGV lease, grace, control, read, then id and known snapshot of each. Answers for
 * each: \`absent\`, \`wait\` where its owner is about to write it again, or what is known of it. \`read\`: somebody reads them here.
 */
export const lookScript = script(
  'look',
  `${clock}${memory}
local replies = {}
for index = 0, (#ARGV - 4) / 2 - 1 do
  local meta, id, known = KEYS[3 + index], ARGV[5 + index * 2], ARGV[6 + index * 2]
  local held = redis.call('HMGET', meta, 'epoch', 'term', 'head', 'earliest', 'size', 'created', 'owner', 'end', 'snapshot_seq', 'key')
  local deadline = redis.call('ZSCORE', KEYS[1], id)
  if held[1] then
    if not held[8] then
      -- A lease that is gone is one that nobody renews, or will be renewed shortly.
      if not deadline then deadline = now + tonumber(ARGV[1]); redis.call('ZADD', KEYS[1], deadline, id) end
      if ARGV[4] ~= '' then redis.call('HSET', meta, 'read', string.format('%.0f', now)) end
    end
    local over = deadline and tonumber(deadline) < now and 1 or 0
    local state = held[9] and held[9] ~= known and redis.call('HGET', meta, 'snapshot') or ''
    local left = held[8] and redis.call('PTTL', meta) or -1
    for field = 1, 10 do held[field] = held[field] or '' end
    replies[#replies + 1] = {'found', over, left, state, unpack(held, 1, 10)}
  elseif deadline and tonumber(deadline) > now - tonumber(ARGV[2]) then
    replies[#replies + 1] = {'wait'}
  elseif forgetful(KEYS[2], tonumber(ARGV[2]), ARGV[3]) then
    replies[#replies + 1] = {'wait'}
  else
    replies[#replies + 1] = {'absent'}
  end
end
return replies
`,
  ' flags=allow-oom',
)

/** KEYS leases. ARGV limit. Which leases are over, by the clock of Redis: its time, then id and deadline in turn. */
export const overdueScript = script(
  'overdue',
  `${clock}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])
return {string.format('%.0f', now), unpack(found)}
`,
  ' flags=no-writes',
)

/**
 * KEYS leases, meta. ARGV id, deadline as seen, when it was seen, patience, lease, epoch. Whoever comes first is the owner of the next
 * term. Nothing happens where it was renewed since, or where Redis itself has stood still: then its owner had no chance to.
 *
 * The epoch is new each time: the last owner may have shown entries that are not here, and what is written from now on must not be
 * taken for those. Of the entries that are here nothing has to be written anew, because their ids are made where they are read.
 */
export const takeScript = script(
  'take',
  `${clock}
local held = redis.call('HMGET', KEYS[2], 'epoch', 'term', 'head', 'earliest', 'size', 'created', 'owner', 'end', 'snapshot_seq', 'key', 'snapshot', 'input', 'fingerprint', 'stop')
-- Taken already, by this very call, whose reply was lost.
if held[1] ~= ARGV[6] then
  local deadline = redis.call('ZSCORE', KEYS[1], ARGV[1])
  if deadline ~= ARGV[2] or now - tonumber(ARGV[3]) > tonumber(ARGV[4]) then return {'renewed'} end
  if not held[1] or held[8] then
    -- An owner that is only slow is given another lease to write it again.
    if held[8] or now - tonumber(deadline) > tonumber(ARGV[5]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
    return {'absent'}
  end
  held[1] = ARGV[6]
  held[2] = string.format('%.0f', held[2] + 1)
  redis.call('HSET', KEYS[2], 'epoch', held[1], 'term', held[2])
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[5]), ARGV[1])
for field = 1, 14 do held[field] = held[field] or '' end
return {'taken', unpack(held, 1, 14)}
`,
  ' flags=allow-oom',
)

/** KEYS meta. ARGV control, message, end. Asks the owner to end a stream: now by a message, and by a field that it reads at each renewal. */
export const stopScript = script(
  'stop',
  `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSETNX', KEYS[1], 'stop', ARGV[3]) end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return {'ok'}
`,
  ' flags=allow-oom',
)

/** KEYS leases, then meta of each stream. ARGV id and term of each: their leases are over at once. */
export const releaseScript = script(
  'release',
  `
for index = 0, #ARGV / 2 - 1 do
  if redis.call('HGET', KEYS[2 + index], 'term') == ARGV[2 + index * 2] then
    redis.call('ZADD', KEYS[1], 'XX', 0, ARGV[1 + index * 2])
  end
end
return {'ok'}
`,
  ' flags=allow-oom',
)

/** KEYS key. ARGV id. Whoever claimed it knows that it has it. */
export const beginScript = script(
  'begin',
  `
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then redis.call('HSET', KEYS[1], 'begun', 1) end
return {'ok'}
`,
  ' flags=allow-oom',
)

/**
 * KEYS meta, leases, live[, key]. ARGV id. Takes back a claim that nobody was told of. Where another request has found it, it is not
 * taken from under that one: its lease is over, so that somebody ends it, or produces it.
 */
export const disclaimScript = script(
  'disclaim',
  `
if redis.call('HGET', KEYS[1], 'head') ~= '0' then return {'late'} end
local known = KEYS[4] and redis.call('HMGET', KEYS[4], 'id', 'found') or {}
if known[1] == ARGV[1] and known[2] then
  redis.call('ZADD', KEYS[2], 'XX', 0, ARGV[1])
  return {'found'}
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
if known[1] == ARGV[1] then redis.call('DEL', KEYS[4]) end
return {'ok'}
`,
  ' flags=allow-oom',
)
