export { connectRedis, type RedisPorts } from './connect.ts';
export { redisEnvShape, redisSettings } from './env-shape.ts';
export { UnfitRedis } from './errors.ts';
export type { RedisSettings } from './settings.ts';
