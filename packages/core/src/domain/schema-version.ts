/** The version of every stored record. `ledger/migrations.ts` upgrades older ones as they are read. */
export const SCHEMA_VERSION = 2;
