import type { Frame } from '../frame'

/** An event as the bytes of an event stream. No value can forge a field. */
export declare function format(event: Partial<Frame> & { readonly comment?: string }): string
