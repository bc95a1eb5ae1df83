import {
  dispatcherConformance,
  signalsConformance,
  storeConformance,
  workerRegistryConformance,
} from '@gradsmith/testing';
import { sharedRedis } from './helpers.ts';

const redis = sharedRedis();

storeConformance('Redis', () => redis.emptyStore());

dispatcherConformance('BullMQ', async () => {
  const ports = await redis.connect();
  return { dispatcher: ports.dispatcher, dispose: () => ports.close() };
});

workerRegistryConformance('Redis', async () => {
  const ports = await redis.connect();
  return { workers: ports.workers, dispose: () => ports.close() };
});

signalsConformance('Redis', async () => {
  const ports = await redis.connect();
  return { signals: ports.signals, dispose: () => ports.close() };
});
