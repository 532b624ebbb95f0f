/** The event stays as it is. */
export const KEEP = 0;
/** A rule removes the event. */
export const DROP = 1;

/** What becomes of an event: kept, removed, or replaced by the text of a record. */
export type EventEdit = typeof KEEP | typeof DROP | string;
