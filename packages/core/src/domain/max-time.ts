/** The last millisecond of the year 9999: the latest time that ISO 8601 represents with four digits for the year. */
export const MAX_TIME = 253_402_300_799_999;
