/** The event stays as it is. */
export const KEEP = 0;
/** A rule removes the event. */
export const DROP = 1;
/** The event's message gives way to a record. */
export const REPLACE = 2;

/** What becomes of an event. */
export type EventEdit = typeof KEEP | typeof DROP | typeof REPLACE;

/** Edits the events of one record, in order. */
export type Editor = {
  /** What becomes of the event at this position. */
  decide(index: number): EventEdit;
  /** Writes the record for the event last decided on, which was to be replaced. */
  write(): void;
};
