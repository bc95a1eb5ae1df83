import { ledgerModelTest } from '@gradsmith/testing';
import { sharedRedis } from './helpers.ts';

const redis = sharedRedis();

ledgerModelTest('Redis', () => redis.emptyStore());
