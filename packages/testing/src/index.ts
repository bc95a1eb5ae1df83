export { dispatcherConformance, type DispatcherBacking } from './conformance/dispatcher.ts';
export { signalsConformance, type SignalsBacking } from './conformance/signals.ts';
export { storeConformance, type StoreBacking } from './conformance/store.ts';
export { workerRegistryConformance, type RegistryBacking } from './conformance/workers.ts';
export { ledgerConformance } from './ledger/suite.ts';
export { MemoryLog } from './logs.ts';
export { findOnPath, freePort, RedisServer } from './redis/server.ts';
export { startRedis, startRedisServer, type TestRedis } from './redis/start.ts';
export { until } from './waiting.ts';
