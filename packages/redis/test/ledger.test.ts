import { ledgerConformance } from '@gradsmith/testing';
import { sharedRedis } from './helpers.ts';

const redis = sharedRedis();

ledgerConformance('Redis', () => redis.emptyStore());
