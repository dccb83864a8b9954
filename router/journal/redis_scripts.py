"""What happens inside Redis, whole or not at all. All keys of a tenant share a hash slot.

``head`` is a hash: ``token`` of who may write, ``last`` position written, ``holder`` of the lease
and ``until`` when, by Redis's own clock in milliseconds. Every script of a writer compares the
token first: whoever was thought dead and was not can change nothing, and ``errorstat_FENCED`` of
``INFO errorstats`` counts its attempts.
"""

from __future__ import annotations

from typing import Final

_REMEMBER: Final = """
-- Refusals from ARGV[from] on: how many, then ids and records in turn.
local function remember(key, from)
  local last = from + 2 * tonumber(ARGV[from])
  for index = from + 1, last, 2 do
    redis.call('XADD', key, 'MAXLEN', '~', 10000, '*', 'i', ARGV[index], 'r', ARGV[index + 1])
  end
  if last > from then redis.call('PEXPIRE', key, 600000) end
end
local function milliseconds()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
"""

APPEND: Final = (
    _REMEMBER
    + """
-- KEYS: head, log, refusals. ARGV: token, first position, refusals, records … Answers the time.
local head = redis.call('HMGET', KEYS[1], 'token', 'last')
if head[1] ~= ARGV[1] then
  return redis.error_reply('FENCED by a newer token')
end
local last, first = tonumber(head[2] or '0'), tonumber(ARGV[2])
if first > last + 1 then return redis.error_reply('GAP ' .. last) end
local before = 3 + 2 * tonumber(ARGV[3])
for index = before + 1, #ARGV do
  local position = first + index - before - 1
  local id = string.format('%d-0', position)
  if position <= last then -- sent again, because the first answer was lost
    local known = redis.call('XRANGE', KEYS[2], id, id)
    if not known[1] or known[1][2][2] ~= ARGV[index] then
      return redis.error_reply('CONFLICT ' .. position)
    end
  else
    redis.call('XADD', KEYS[2], id, 'r', ARGV[index], 't', ARGV[1])
    last = position
  end
end
redis.call('HSET', KEYS[1], 'last', string.format('%d', last))
remember(KEYS[3], 3)
return milliseconds()
"""
)

CONFIRM: Final = (
    _REMEMBER
    + """
-- KEYS: head, refusals. ARGV: token, refusals. Answers the time.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('FENCED by a newer token')
end
remember(KEYS[2], 2)
return milliseconds()
"""
)

SAVE_SNAPSHOT: Final = """
-- KEYS: head, snapshots, log. ARGV: token, position, record, entries kept behind the older one
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('FENCED by a newer token')
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
local positions = redis.call('HKEYS', KEYS[2])
table.sort(positions, function(a, b) return tonumber(a) > tonumber(b) end)
for index = 3, #positions do redis.call('HDEL', KEYS[2], positions[index]) end
local keep = tonumber(ARGV[4])
if keep >= 0 and positions[2] then
  local from = tonumber(positions[2]) - keep
  if from > 0 then redis.call('XTRIM', KEYS[3], 'MINID', string.format('%d-0', from)) end
end
return #positions
"""

TAKE_LEASE: Final = """
-- KEYS: head. ARGV: holder, milliseconds. Answers the token, 0 when somebody else has it.
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local head = redis.call('HMGET', KEYS[1], 'holder', 'until', 'token')
local held = head[1] and head[1] ~= '' and tonumber(head[2] or '0') > at
if held and head[1] ~= ARGV[1] then return 0 end
-- With the time: a failover may have lost the last token, and no two may have the same.
local token = math.max(tonumber(head[3] or '0') + 1, at)
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'token', string.format('%d', token),
  'until', string.format('%d', at + tonumber(ARGV[2])))
return token
"""

LEASE_FREE: Final = """
-- KEYS: head. Answers 1 when nobody has the lease.
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local head = redis.call('HMGET', KEYS[1], 'holder', 'until')
if head[1] and head[1] ~= '' and tonumber(head[2] or '0') > at then return 0 end
return 1
"""

RENEW_LEASE: Final = """
-- KEYS: head. ARGV: token, milliseconds. Answers 1, or 0 when it is somebody else's.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('HSET', KEYS[1], 'until', string.format('%d', at + tonumber(ARGV[2])))
return 1
"""

RELEASE_LEASE: Final = """
-- KEYS: head. ARGV: token
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'holder', '', 'until', '0')
return 1
"""

TELL_TROUBLE: Final = """
-- KEYS: head, trouble. ARGV: token, what it is, milliseconds that it holds
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('FENCED by a newer token')
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
"""

SEND_COMMAND: Final = """
-- KEYS: commands. ARGV: how many may wait, node, number, record, id in the stream when it was sent
-- first, or nothing. Answers its id, or nothing when too many wait.
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return '' end
return redis.call('XADD', KEYS[1], '*', 'n', ARGV[2], 'i', ARGV[3], 'c', ARGV[4], 'f', ARGV[5])
"""

ANSWER_COMMANDS: Final = """
-- KEYS: head, commands, answers of each node. ARGV: token, milliseconds that answers are kept, then
-- for each its id in the stream, its node's place among KEYS, and the record.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('FENCED by a newer token')
end
for index = 3, #ARGV, 3 do
  local answers = KEYS[tonumber(ARGV[index + 1])]
  redis.call('XADD', answers, 'MAXLEN', '~', 20000, '*', 'a', ARGV[index + 2])
  redis.call('XDEL', KEYS[2], ARGV[index])
end
for index = 3, #KEYS do redis.call('PEXPIRE', KEYS[index], ARGV[2]) end
return 1
"""

TELL_PRESENT: Final = """
-- KEYS: nodes, who is at this one. ARGV: this node, milliseconds, names … Answers the other nodes.
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('DEL', KEYS[2])
for index = 3, #ARGV do redis.call('SADD', KEYS[2], ARGV[index]) end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at)
redis.call('ZADD', KEYS[1], at + tonumber(ARGV[2]), ARGV[1])
local others = {}
for _, node in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if node ~= ARGV[1] then others[#others + 1] = node end
end
return others
"""

TELL_WRITES: Final = """
-- KEYS: nodes, for how many tenants each writes, what else each tells. ARGV: this node,
-- milliseconds that it holds, how many, what else. Answers of each other node its name and both; of
-- an older one the last is empty.
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[1], at + tonumber(ARGV[2]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[4])
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at)) do
  redis.call('ZREM', KEYS[1], node)
  redis.call('HDEL', KEYS[2], node)
  redis.call('HDEL', KEYS[3], node)
end
local others = {}
for _, node in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if node ~= ARGV[1] then
    others[#others + 1] = node
    others[#others + 1] = redis.call('HGET', KEYS[2], node) or '0'
    others[#others + 1] = redis.call('HGET', KEYS[3], node) or ''
  end
end
return others
"""
