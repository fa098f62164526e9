/** Lua scripts, which Redis runs as one step: no client sees one half done, and a kill does not leave one half done. */

/** The key of a queued message: its body once, its size, and the number of sessions that wait for it. */
export const MESSAGE = 'message:';

/** The key of the totals: queued messages, bytes, and the number of the last message. */
export const TOTALS = 'queues';

/** The keys of the retained messages by topic, as in aedes-persistence-redis, and of their bytes. */
export const RETAINED = 'retained';
export const RETAINED_BYTES = 'retained-bytes';

/** When each session was last seen, in milliseconds since 1970. A client id that is not in it has no session. */
export const SESSIONS = 'sessions';

/** The key of a session's queue: names of messages by their number, whose last digit to the base of four is the QoS. */
export function queueKey(clientId: string): string {
  return `queue:${clientId}`;
}

/** The key of the delivery state of messages that were sent, by name; and `bytes`, of the whole queue. */
export function stateKey(clientId: string): string {
  return `queue-state:${clientId}`;
}

/** Removes the message `name` from a session's queue, and deletes it if no other session waits for it. */
const TAKE_OUT = `
local function takeOut(queue, state, totals, message, name)
  redis.call('HDEL', state, name)
  if redis.call('ZREM', queue, name) == 0 then
    return
  end
  local size = tonumber(redis.call('HGET', message, 'size') or '0')
  redis.call('HINCRBY', state, 'bytes', -size)
  redis.call('HINCRBY', totals, 'bytes', -size)
  redis.call('HINCRBY', totals, 'messages', -1)
  if redis.call('HINCRBY', message, 'waits', -1) <= 0 then
    redis.call('DEL', message)
  end
  if redis.call('EXISTS', queue) == 0 then
    redis.call('DEL', state)
  end
end
`;

/**
 * Queues a message for sessions, for each that exists and has room. If it is sent twice, because the connection was lost in
 * between, it does nothing the second time.
 *
 * KEYS: message, totals, sessions, and the queue and state of each. ARGV: name, body, size, most messages and bytes of
 * one, most messages and bytes of all, and the client id and QoS of each. Returns messages and bytes that wait now, and
 * the places of those that were refused, with how many messages wait for them.
 */
export const ENQUEUE = `
local size = tonumber(ARGV[3])
local messages = tonumber(redis.call('HGET', KEYS[2], 'messages') or '0')
local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes') or '0')
local queued, refused = 0, {}
for i = 8, #ARGV, 2 do
  local queue, state = KEYS[i - 4], KEYS[i - 3]
  if redis.call('ZSCORE', KEYS[3], ARGV[i]) and not redis.call('ZSCORE', queue, ARGV[1]) then
    local waiting = redis.call('ZCARD', queue)
    local own = tonumber(redis.call('HGET', state, 'bytes') or '0')
    if waiting < tonumber(ARGV[4]) and own + size <= tonumber(ARGV[5])
        and messages < tonumber(ARGV[6]) and bytes + size <= tonumber(ARGV[7]) then
      local number = redis.call('HINCRBY', KEYS[2], 'number', 1)
      redis.call('ZADD', queue, number * 4 + tonumber(ARGV[i + 1]), ARGV[1])
      redis.call('HINCRBY', state, 'bytes', size)
      messages, bytes, queued = messages + 1, bytes + size, queued + 1
    else
      table.insert(refused, (i - 8) / 2)
      table.insert(refused, waiting)
    end
  end
end
if queued > 0 then
  redis.call('HSET', KEYS[1], 'body', ARGV[2], 'size', size)
  redis.call('HINCRBY', KEYS[1], 'waits', queued)
  redis.call('HSET', KEYS[2], 'messages', messages, 'bytes', bytes)
end
return { messages, bytes, refused }
`;

/** KEYS: queue, state. ARGV: name, its delivery state. Does nothing for a message that is no longer queued. */
export const NOTE = `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
`;

/** KEYS: queue, state, totals, message. ARGV: name. Returns messages and bytes that wait now. */
export const CLEAR = `${TAKE_OUT}
takeOut(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1])
return redis.call('HMGET', KEYS[3], 'messages', 'bytes')
`;

/**
 * The queue of a session after a number. KEYS: queue. ARGV: that number, most messages, most bytes, prefix of messages.
 * Returns name, number and body of each.
 */
export const PAGE = `
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local page, bytes = {}, 0
for i = 1, #found, 2 do
  local body = redis.call('HGET', ARGV[4] .. found[i], 'body') or ''
  table.insert(page, found[i])
  table.insert(page, found[i + 1])
  table.insert(page, body)
  bytes = bytes + #body
  if bytes >= tonumber(ARGV[3]) then
    break
  end
end
return page
`;

/**
 * Ends a session, some messages at a time, because Redis does nothing else meanwhile. The session exists until its last
 * message is removed, so that a kill in between leaves nothing behind.
 *
 * KEYS: queue, state, totals, sessions. ARGV: client id, messages at a time, prefix of messages, and, if it is to be ended
 * for its age only, the time that it must not have been seen since. Returns 1 when it is ended, 2 when there is more to
 * do, and 0 when there is no such session.
 */
export const END = `${TAKE_OUT}
local seen = redis.call('ZSCORE', KEYS[4], ARGV[1])
if not seen or (ARGV[4] and tonumber(seen) >= tonumber(ARGV[4])) then
  return 0
end
local names = redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[2]) - 1)
for _, name in ipairs(names) do
  takeOut(KEYS[1], KEYS[2], KEYS[3], ARGV[3] .. name, name)
end
if #names == tonumber(ARGV[2]) then
  return 2
end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[4], ARGV[1])
return 1
`;

/**
 * Stores a retained message, or removes it. KEYS: retained, its bytes. ARGV: topic, message (empty to remove it), most
 * messages, most bytes. Returns messages and bytes that are retained now, and whether this one may be.
 */
export const RETAIN = `
local before, size = redis.call('HSTRLEN', KEYS[1], ARGV[1]), #ARGV[2]
local messages = redis.call('HLEN', KEYS[1])
local bytes = tonumber(redis.call('GET', KEYS[2]) or '0')
local more = size - before
if size > 0 and ((before == 0 and messages >= tonumber(ARGV[3])) or (more > 0 and bytes + more > tonumber(ARGV[4]))) then
  return { messages, bytes, 0 }
end
if size > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return { redis.call('HLEN', KEYS[1]), redis.call('INCRBY', KEYS[2], more), 1 }
`;

/**
 * The user of a client at another broker; nil if it is connected to none. KEYS: brokers. ARGV: this broker, client id, prefix of
 * the brokers' clients. A broker without clients is forgotten.
 */
export const FIND_ON_OTHER_BROKERS = `
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local user = id ~= ARGV[1] and redis.call('HGET', ARGV[3] .. id, ARGV[2])
  if user then
    return user
  end
  if redis.call('EXISTS', ARGV[3] .. id) == 0 then
    redis.call('SREM', KEYS[1], id)
  end
end
return nil
`;
