export interface BackoffOptions {
  /** Failures in a row, without progress between them, after which to give up. Default 8. */
  readonly maxRetries?: number
}
