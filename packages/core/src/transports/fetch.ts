export interface FetchOptions {
  readonly url?: string | URL
}
