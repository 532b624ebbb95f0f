/** Why a Firehose record could not be decoded. Each code has one answer, in `firehose.ts`. */
export type FailureCode =
  /** Starts like gzip (`1f 8b`) and does not inflate. */
  | 'GZIP_BROKEN'
  /** Ends before the gzip stream does. */
  | 'GZIP_TRUNCATED'
  /** Inflates past `MAX_INFLATED_BYTES`. */
  | 'GZIP_TOO_LARGE';

/** A value, or the code of what went wrong; expected faults are data, exceptions are bugs. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FailureCode };

/** Wraps a value. */
export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

/** Wraps a failure code. */
export const fail = (code: FailureCode): Result<never> => ({ ok: false, code });
