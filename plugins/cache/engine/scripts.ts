import { type RedisScript, redisScript } from '#core/adapters/redis-script'

/** A load that takes longer than this is not stored: what fences it has died. */
export const fencedFor = 600_000

// An entry is `1 <id> <at> <life and stamp>\n<payload>`, or `1 <id> - <until>` where it was deleted: nothing is stored
// before `until`. A version is any text; `P id=deadline id=deadline` are those who are about to end the tag. The process
// asks for its own time by '': what the processes think the time is has no effect.
const common = `
local t=redis.call('TIME')
local now=t[1]*1000+math.floor(t[2]/1000)
local function whole(n) return string.format('%.0f',n) end
local function idOf(entry)
  if not entry then return '' end
  return string.match(entry,'^1 (%w+) ') or '?'
end
local function run() return string.match(redis.call('INFO','server'),'run_id:(%w+)') or '?' end
local function isPending(version) return string.sub(version,1,2)=='P ' end
local function keep(key,holders,latest) redis.call('SET',key,'P'..holders,'PX',latest-now) end
local function others(version,own)
  local holders,latest='',0
  for id,deadline in string.gmatch(version,'(%w+)=(%d+)') do
    if id~=own and tonumber(deadline)>now then
      holders=holders..' '..id..'='..deadline
      latest=math.max(latest,tonumber(deadline))
    end
  end
  return holders,latest
end
`

/**
 * KEYS: entry, versions. ARGV: an id for versions that are not there, the id of the entry that is known, how long a
 * version lives. Answers run id, time, id of the entry, the entry unless it is the known one, versions. A version that was
 * lost comes back as another: what was stored under it is a miss.
 */
export const readScript: RedisScript = redisScript(`${common}
local all=redis.call('MGET',unpack(KEYS))
local id=idOf(all[1])
local said={run(),now,id,(all[1] and id~=ARGV[2]) and all[1] or ''}
for i=2,#KEYS do
  local version=all[i]
  if not version then
    version=ARGV[1]..'x'..i
    redis.call('SET',KEYS[i],version,'PX',ARGV[3])
  end
  said[#said+1]=version
end
return said`)

/**
 * KEYS: entry, versions. ARGV: what was seen (run id, id of the entry), the new id, milliseconds it lives, its time or
 * '', the rest of the entry, and the versions that were seen. Answers when it was stored; 0 when it was not, because
 * something has ended since or is about to.
 */
export const putScript: RedisScript = redisScript(`${common}
local all=redis.call('MGET',unpack(KEYS))
if run()~=ARGV[1] or idOf(all[1])~=ARGV[2] then return 0 end
local lag=all[1] and string.match(all[1],'^1 %w+ %- (%d+)')
if lag and tonumber(lag)>now then return 0 end
for i=2,#KEYS do if all[i]~=ARGV[5+i] then return 0 end end
redis.call('SET',KEYS[1],'1 '..ARGV[3]..' '..(ARGV[5]=='' and whole(now) or ARGV[5])..' '..ARGV[6],'PX',ARGV[4])
for i=2,#KEYS do
  if redis.call('PTTL',KEYS[i])<tonumber(ARGV[4]) then redis.call('PEXPIRE',KEYS[i],ARGV[4]+${fencedFor}) end
end
return now`)

/** KEYS: versions. ARGV: id of the holder, milliseconds. */
export const holdScript: RedisScript = redisScript(`${common}
for _,key in ipairs(KEYS) do
  local version=redis.call('GET',key) or ''
  local holders,latest='',0
  if isPending(version) then holders,latest=others(version,ARGV[1]) end
  keep(key,holders..' '..ARGV[1]..'='..whole(now+ARGV[2]),math.max(latest,now+ARGV[2]))
end`)

/**
 * KEYS: versions, then entries. ARGV: how many of them are versions, the holder that is done or '', a new id, for how
 * long nothing may be stored from now on, how long a version or a deleted entry is remembered.
 */
export const endScript: RedisScript = redisScript(`${common}
local lag=tonumber(ARGV[4])
for i,key in ipairs(KEYS) do
  if i<=tonumber(ARGV[1]) then
    local version=redis.call('GET',key) or ''
    local holders,latest='',0
    if isPending(version) then holders,latest=others(version,ARGV[2]) end
    if lag>0 then holders,latest=holders..' '..ARGV[3]..'='..whole(now+lag),math.max(latest,now+lag) end
    if latest>0 then keep(key,holders,latest) else redis.call('SET',key,ARGV[3]..'x'..i,'PX',ARGV[5]) end
  else redis.call('SET',key,'1 '..ARGV[3]..' - '..whole(now+lag),'PX',ARGV[5]+lag) end
end`)

/** Gives a lease back to whom it does not belong to another by now. */
export const releaseScript: RedisScript = redisScript(`
if redis.call('GET',KEYS[1])==ARGV[1] then redis.call('DEL',KEYS[1]) end`)
