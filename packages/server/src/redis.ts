export type { RedisClient } from './redis/connect'
export type { RedisLogEvent, RedisLogOptions } from './redis/options'
export { redisLog } from './redis/redis-log'
