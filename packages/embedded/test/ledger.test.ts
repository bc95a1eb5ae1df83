import { ledgerConformance } from '@gradsmith/testing';
import { sqliteFile } from './helpers.ts';

ledgerConformance('SQLite', sqliteFile);
