/** Grows whenever the engine's arithmetic changes: equal versions, seeds and backends give equal curves. */
export const ENGINE_VERSION = 8;
